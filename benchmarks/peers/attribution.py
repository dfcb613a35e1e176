"""What a lift's work is credited to, for both peers that work in data frames: shares of muscles and of patterns."""

import numpy as np
import pandas as pd

from benchmarks.peers.dataframes import Frames

HALVES = 2  # a direct set is two halves, an indirect one is one
PARTS = 720_720  # divisible by 1 to 16
UNATTRIBUTED = "unattributed"


def muscle_halves(frames: Frames) -> pd.DataFrame:
    """exercise, name (of the muscle), halves: 1 or 2."""
    muscles = frames.muscles[frames.muscles["muscle"] != UNATTRIBUTED]
    primary = muscles["role"] == "primary"
    halves = np.select([primary & (muscles["activation"] >= 50), primary | (muscles["role"] == "secondary")], [2, 1], 0)
    credits = muscles.assign(halves=halves).groupby(["exercise", "muscle"], as_index=False)["halves"].max()
    return credits[credits["halves"] > 0].rename(columns={"muscle": "name"})


def pattern_parts(frames: Frames) -> pd.DataFrame:
    """exercise, name (of the pattern), parts: of PARTS, the same for each pattern of a lift."""
    patterns = frames.movements[frames.movements["pattern"] != UNATTRIBUTED].drop_duplicates()
    shares = patterns.assign(parts=PARTS // patterns.groupby("exercise")["pattern"].transform("size"))
    return shares.rename(columns={"pattern": "name"})
