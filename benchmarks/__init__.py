"""This server side by side with a stock Buildbot and a bare Twisted server, in one run; ``make bench``."""
