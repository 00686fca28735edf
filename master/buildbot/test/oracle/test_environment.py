"""The stock package's environment."""

from __future__ import annotations

import os
import sys

from twisted.trial.unittest import TestCase

from .environment import EnvironmentFailed, install, stockEnvironment


class EnvironmentTest(TestCase):
    def test_found(self) -> None:
        """It is there when asked for, with its programs."""
        environment = stockEnvironment()
        for program in (environment.buildbot, environment.worker, environment.python):
            self.assertTrue(os.access(program, os.X_OK), program)

    def test_failure(self) -> None:
        """An installer that fails is an error with its last words, and says what would help."""
        error = self.assertRaises(EnvironmentFailed, install, [sys.executable, "-c", "print('no index'); exit(3)"])
        self.assertIn("no index", str(error))
        self.assertIn("STOCK_ENV", str(error))
