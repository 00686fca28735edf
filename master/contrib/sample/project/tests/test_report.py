import unittest

from tally.count import Counts
from tally.report import asTable


class TableTest(unittest.TestCase):
    def test_headings(self):
        """Without files there is only the line of headings."""
        self.assertEqual(asTable([]), "lines words characters file\n")

    def test_alignment(self):
        """Numbers stand to the right."""
        table = asTable([("a.txt", Counts(1, 20, 300)), ("b.txt", Counts(1000, 2, 3))])
        self.assertEqual(
            table.splitlines(),
            [
                "lines words characters file",
                "    1    20        300 a.txt",
                " 1000     2          3 b.txt",
            ],
        )
