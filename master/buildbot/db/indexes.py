"""Indexes of our own: what stock Buildbot has none for and the API sorts or looks up by."""
