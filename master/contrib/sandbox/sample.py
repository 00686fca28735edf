"""The sample project's repository: how its history comes about, and further commits."""

from __future__ import annotations

import os
import shutil
import subprocess

from layout import CONTRIB, Layout, Problem

SAMPLE = CONTRIB / "sample"
FORK = 7
"""The number of main's commit that stable branches off."""
BATCHES = (
    ("main", "main"),
    ("main", "main", "main"),
    ("main",),
    ("stable", "main"),  # The last of these is broken.
    ("main", "stable"),
    ("main", "main"),
    ("stable", "stable"),
    ("main", "main"),
    ("main", "stable"),
    ("main",),
)
"""Which branches get their next commit, together: a poll of Buildbot's finds one batch or two."""
AUTHOR = {"GIT_AUTHOR_NAME": "sandbox", "GIT_AUTHOR_EMAIL": "sandbox@example.org"}
COMMITTER = {"GIT_COMMITTER_NAME": "sandbox", "GIT_COMMITTER_EMAIL": "sandbox@example.org"}
RIGHT, WRONG = "len(text.split())", "len(text.split()) + 1"


class Repository:
    """The repository of a sandbox. All its methods wait for git, some milliseconds each."""

    def __init__(self, layout: Layout) -> None:
        self.path = layout.repository

    def make(self) -> None:
        """Make it with its first commit, if it is not there; take up a history that was interrupted."""
        if not (self.path / ".git").exists():
            shutil.copytree(SAMPLE / "project", self.path, dirs_exist_ok=True)
            (self.path / ".gitignore").write_text("__pycache__/\n")
            self._git("init", "--quiet", "--initial-branch=main")
            self._git("add", "--all")
            self._git("commit", "--quiet", "--message=Count lines, words and characters")
        if (self.path / ".git" / "rebase-apply").exists():
            self._git("am", "--abort")

    def remaining(self) -> list[tuple[str, ...]]:
        """The batches that are still to be committed."""
        done = {"main": self._count("main") - 1, "stable": max(self._count("stable") - FORK, 0)}
        batches = []
        for batch in BATCHES:
            left = []
            for branch in batch:
                if done[branch] > 0:
                    done[branch] -= 1
                else:
                    left.append(branch)
            if left:
                batches.append(tuple(left))
        return batches

    @property
    def isComplete(self) -> bool:
        """Its own history is there, and nothing is at it."""
        git = self.path / ".git"
        return git.exists() and not (git / "rebase-apply").exists() and not self.remaining()

    def grow(self, batch: tuple[str, ...]) -> list[str]:
        """Commit one batch; the subjects of its commits, with their branches."""
        return [f"{branch}: {self._next(branch)}" for branch in batch]

    def commit(self, broken: bool) -> str:
        """Add a commit to main: one with a test that fails, or one that mends it, or a line of news.

        :return: its subject
        :raise Problem: the history is not complete
        """
        if not self.isComplete:
            raise Problem(
                f"{self.path.parent}: no sandbox has its project's own history there yet. Of one elsewhere say"
                " SANDBOX=folder; else make run, and wait until the history is complete."
            )
        self._git("checkout", "--quiet", "main")
        code = self.path / "tally" / "count.py"
        text = code.read_text()
        if broken and WRONG not in text:
            code.write_text(text.replace(RIGHT, WRONG))
            subject = "Count one word more"
        elif not broken and WRONG in text:
            code.write_text(text.replace(WRONG, RIGHT))
            subject = "Count as many words as there are"
        else:
            number = self._count("main") + 1
            with (self.path / "NEWS.rst").open("a") as news:
                news.write(f"* Commit {number}\n")
            subject = f"Tell of commit {number}"
        self._git("add", "--all")
        self._git("commit", "--quiet", f"--message={subject}")
        return subject

    def _next(self, branch: str) -> str:
        """Apply the branch's next patch; its subject."""
        if branch == "stable" and not self._exists("stable"):
            self._git("branch", "stable", self._git("rev-list", "--reverse", "main").split()[FORK - 1])
        done = self._count(branch) - (FORK if branch == "stable" else 1)
        patch = sorted((SAMPLE / "history" / branch).glob("*.patch"))[done]
        self._git("checkout", "--quiet", branch)
        self._git("am", "--quiet", "--ignore-date", str(patch))
        return self._git("log", "-1", "--format=%s").strip()

    def _exists(self, branch: str) -> bool:
        return bool(self._git("branch", "--list", branch).strip())

    def _count(self, branch: str) -> int:
        return int(self._git("rev-list", "--count", branch)) if self._exists(branch) else 0

    def _git(self, *arguments: str) -> str:
        # Without the user's own settings: they may sign commits, run hooks, or convert line ends.
        environment = {**os.environ, **AUTHOR, **COMMITTER, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(
            ["git", "-c", "core.autocrlf=false", *arguments],
            cwd=self.path, env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise Problem(f"git {' '.join(arguments)} failed in {self.path}:\n{done.stdout}")
        return done.stdout
