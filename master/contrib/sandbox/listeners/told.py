"""What the sandbox's listeners do: they write a line for each build, and ``make run`` shows it."""

from buildbot.plugins import util
from buildbot.status.listeners import StatusListener


class Lines(StatusListener):
    def __init__(self, path):
        super().__init__()
        self.path = path

    async def write(self, word, build, text):
        builder = await build.getBuilder()
        name = f"{builder.name}/{build.number}"
        with open(self.path, "a") as file:
            file.write(f"{word:<9} {name:<12} {text}\n")


class Begun(Lines):
    async def buildStarted(self, build):
        worker = await build.getWorker()
        await self.write("started", build, f"on {worker.name}")


class Ended(Lines):
    async def buildFinished(self, build):
        failed = [step.name for step in await build.getSteps(results=util.FAILURE)]
        text = f"{build.state_string}: {', '.join(failed)}" if failed else build.state_string
        await self.write(util.Results[build.results], build, text)
