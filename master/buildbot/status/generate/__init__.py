"""Everything that follows from the definitions and is committed: ``python -m buildbot.status.generate`` writes it,
``--check`` compares."""
