"""From bytes to speech: probe, decode to 16 kHz mono, find speech, cut into chunks."""

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples: TypeAlias = NDArray[np.float32]
