"""Where audio is kept: a local folder, S3, GCS, Azure or memory behind one class, chosen by URL.

`store.py` is what is done with it, `opening.py` says what lies below: `folder.py` for files that a
power cut does not take, `bucket.py` for all that obstore speaks to. `failures.py` knows what their
errors mean.
"""

from diarist.storage.blobs.options import BlobOptions
from diarist.storage.blobs.protocols import Blobs
from diarist.storage.blobs.store import BlobStore

__all__ = ["BlobOptions", "BlobStore", "Blobs"]
