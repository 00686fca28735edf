"""``buildbot completion``: the script that completes its commands in a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print what makes a shell complete commands, paths and parameters.

    \b
    bash: echo 'eval "$(buildbot completion bash)"' >> ~/.bashrc
    zsh:  echo 'eval "$(buildbot completion zsh)"' >> ~/.zshrc
    fish: buildbot completion fish > ~/.config/fish/completions/buildbot.fish
    """
    root = click.get_current_context().find_root()
    name = root.info_name or "buildbot"
    made = get_completion_class(shell)
    assert made is not None
    click.echo(made(root.command, {}, name, f"_{name}_COMPLETE".replace("-", "_").upper()).source())
