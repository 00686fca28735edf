import unittest

from tally.count import Counts, countText


class CountTest(unittest.TestCase):
    def test_empty(self):
        """Nothing has no lines, words or characters."""
        self.assertEqual(countText(""), Counts(0, 0, 0))

    def test_text(self):
        """Lines, words and characters are counted."""
        self.assertEqual(countText("one two\nthree\n"), Counts(2, 3, 14))

    def test_lastLine(self):
        """A last line without a newline is a line too."""
        self.assertEqual(countText("one\ntwo").lines, 2)

    def test_sum(self):
        """Counts add up."""
        self.assertEqual(Counts(1, 2, 3) + Counts(10, 20, 30), Counts(11, 22, 33))
