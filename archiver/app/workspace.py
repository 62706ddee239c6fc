"""A workspace on this disk: where it is, how it is configured, and its cases."""

from dataclasses import dataclass
from pathlib import Path

from archiver.app.config import NAME, Config, read_config
from archiver.formats import layout
from archiver.model.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """One opened workspace. Opening reads the configuration and touches nothing."""

    root: Path
    config: Config

    def case_root(self, case: str) -> Path:
        """Give the folder of one case."""
        return self.root / layout.case_folder(case)

    @property
    def archive_root(self) -> Path:
        """Give the folder whose ``sha256`` holds the write-once bytes."""
        return self.root

    def origin(self, case: str) -> str:
        """Give the public name of the case's ledger; raise UsageError for an unknown case."""
        found = self.config.cases.get(case)
        if found is None:
            known = ", ".join(sorted(self.config.cases)) or "none"
            raise UsageError(
                f"case {case!r} has no ledger in {self.root / NAME}; cases with one: {known}",
                hint=f"archiver init {self.root} --case {case}",
            )
        return found.origin

    def choose_case(self, case: str | None) -> str:
        """Give the case asked for, or the default one; raise UsageError if it does not exist."""
        chosen = layout.check_case_name(case or self.config.case)
        if chosen not in self.config.cases and not self.case_root(chosen).is_dir():
            known = sorted({*self.config.cases, *self.cases_on_disk()})
            raise UsageError(
                f"no case {chosen!r} in {self.root}; found: {', '.join(known) or 'none'}",
                hint=f"archiver init {self.root} --case {chosen}",
            )
        return chosen

    def cases_on_disk(self) -> tuple[str, ...]:
        """Give the names of the folders under manifests/, sorted."""
        folder = self.root / "manifests"
        return tuple(sorted(item.name for item in folder.iterdir() if item.is_dir())) if folder.is_dir() else ()


def open_workspace(start: Path) -> Workspace:
    """Give the workspace that holds ``start``; raise UsageError if no folder above it is one."""
    here = start.absolute()
    for folder in (here, *here.parents):
        if (folder / NAME).is_file():
            return Workspace(root=folder, config=read_config(folder / NAME))
    raise UsageError(
        f"{here}: neither this folder nor one above it holds {NAME}",
        hint="archiver init DIR makes a workspace",
    )
