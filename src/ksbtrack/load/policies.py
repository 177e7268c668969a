"""The policy: the shipped dated rules, with a provider's own settings laid over them."""

from __future__ import annotations

from pathlib import Path

from ksbtrack.load.checked import checked
from ksbtrack.load.folders import read_yaml
from ksbtrack.models.case import layered
from ksbtrack.models.policy import Planning, Policy
from ksbtrack.models.standard import Sufficiency
from ksbtrack.models.values import Line, Model
from ksbtrack.paths import shipped_folder


class ProviderPolicy(Model):
    """A provider's own file: a name for it, and the settings that differ. Dated rules cannot be changed here."""

    title: Line
    sufficiency: Sufficiency | None = None
    planning: Planning | None = None


def load_policy(path: str | Path | None = None) -> Policy:
    """Give the dated rules of England with the shipped settings, or with a provider's laid over them.

    Args:
        path: a provider's file with `title`, `sufficiency` and `planning`; settings it leaves out stay as shipped.

    Raises:
        KsbtrackError: any fault of the file.
    """
    shipped = checked(Policy, read_yaml(shipped_folder("standards") / "policy.yaml"))
    if path is None:
        return shipped
    own = checked(ProviderPolicy, read_yaml(Path(path)))
    return shipped.model_copy(
        update={
            "title": f"{shipped.title}, with the settings of {own.title}",
            "sufficiency": layered(shipped.sufficiency, own.sufficiency),
            "planning": layered(shipped.planning, own.planning),
        }
    )
