"""Getters that are no relations: functions on records, over any connection. Definitions name them by string."""
