"""How fast what happens is stored and told: each part a program of its own, which prints its numbers as JSON."""
