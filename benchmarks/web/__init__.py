"""The web pages side by side with those of a stock Buildbot."""
