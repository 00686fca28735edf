"""In which states the row of a delivery can be."""

WAITING, PARKED = "waiting", "parked"
