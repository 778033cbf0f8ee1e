"""Who may do what in the object store, in the AWS form that both stores understand.

Deny by default. Nobody may delete an original: the keys that write into `inbound` hold
`s3:PutObject` only, and the bucket's retention refuses the rest.
"""

from __future__ import annotations

import json
from typing import Any

INBOUND, LAKE, EVIDENCE, DOCS = "inbound", "lake", "evidence", "docs"
PROBE = "inbound-probe"

Statement = dict[str, Any]
GET = ("s3:GetObject", "s3:GetObjectVersion")
PUT = ("s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts")
LIST = ("s3:ListBucket", "s3:ListBucketVersions", "s3:GetBucketVersioning", "s3:GetBucketLocation")


def _allow(actions: tuple[str, ...], *places: str) -> Statement:
    arns = [f"arn:aws:s3:::{place}" for place in places]
    return {"Effect": "Allow", "Action": list(actions), "Resource": arns}


def put_only(prefix: str) -> list[Statement]:
    """Return the rights of an instrument's key: put below `inbound/<prefix>`, nothing else."""
    return [_allow(PUT, f"{INBOUND}/{prefix}*")]


STATEMENTS: dict[str, list[Statement]] = {
    "operator": put_only(""),
    "api": [*put_only(""), _allow(GET, f"{DOCS}/data-docs/*")],
    "intake": [_allow(GET, f"{INBOUND}/*"), _allow(LIST, INBOUND)],
    "converter": [
        _allow(GET, f"{INBOUND}/*"),
        _allow((*GET, *PUT), f"{LAKE}/raw/*", f"{EVIDENCE}/asm/*"),
        _allow(LIST, INBOUND, LAKE, EVIDENCE),
    ],
    "validator": [
        _allow(GET, f"{LAKE}/raw/*"),
        _allow((*GET, *PUT), f"{EVIDENCE}/validation/*"),
        _allow(LIST, LAKE, EVIDENCE),
    ],
    "transformer": [
        _allow(GET, f"{LAKE}/raw/*"),
        _allow((*GET, *PUT, "s3:DeleteObject"), f"{LAKE}/ducklake/*"),
        _allow(LIST, LAKE),
    ],
    "mart-loader": [_allow(GET, f"{LAKE}/ducklake/*"), _allow(LIST, LAKE)],
    "lineage": [_allow((*GET, *PUT), f"{EVIDENCE}/audit/*"), _allow(LIST, EVIDENCE)],
    "checker": [
        _allow(GET, f"{LAKE}/ducklake/*", f"{EVIDENCE}/validation/*"),
        _allow(
            (*GET, *PUT),
            f"{EVIDENCE}/validation/curated/*",
            f"{EVIDENCE}/validation/mart/*",
            f"{EVIDENCE}/releases/*",
            f"{DOCS}/data-docs/*",
        ),
        _allow(LIST, LAKE, EVIDENCE, DOCS),
    ],
}
"""User: statements. `admin` is the store's own."""


def document(statements: list[Statement]) -> str:
    """Return the policy document (AWS IAM JSON, version 2012-10-17)."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
