"""The oracle: a stock Buildbot on a database with everything in it, to ask it and us the same.

``environment`` installs the stock package in an environment of its own, ``everything`` generates the
database, ``stock`` runs a master over it, ``queries`` thinks of what to ask, ``record`` keeps its answers,
and ``compare`` says whether ours are equal, or by which rule they differ.
"""
