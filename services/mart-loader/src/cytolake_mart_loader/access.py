"""Who sees which rows of the marts: row-level security by product and site. Pure.

A role sees a row when a row of `marts.access` names this very role with the row's product and site;
null stands for every one. Membership in a role grants tables, never rows. A row without a batch is
nobody's product: only who sees everything sees it.
"""

from __future__ import annotations

from collections.abc import Iterable

from cytolake_contracts.datasets import DatasetContract
from cytolake_mart_loader.statements import MARTS

SEE_EVERYTHING = ("reader", "dbt_marts", "api", "checker", "validator")
"""Roles that see every row when the table of access is made; what is changed then stays changed."""
ACCESS = f"{MARTS}.access"
BATCHES = "mart_batch"
POLICY = "seen_by_access"

FUNCTIONS = f"""CREATE OR REPLACE FUNCTION {MARTS}.may_read(product text, at_site text)
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN EXISTS (
  SELECT FROM {ACCESS} AS a WHERE a.role_name = current_user
  AND (a.product_code IS NULL OR a.product_code = product) AND (a.site IS NULL OR a.site = at_site)
);
COMMENT ON FUNCTION {MARTS}.may_read IS 'Whether the current role sees this product at this site.';
CREATE OR REPLACE FUNCTION {MARTS}.may_read_product(product text)
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN EXISTS (
  SELECT FROM {ACCESS} AS a WHERE a.role_name = current_user
  AND (a.product_code IS NULL OR a.product_code = product)
);
COMMENT ON FUNCTION {MARTS}.may_read_product IS
  'Whether the current role sees this product at any site.';
CREATE OR REPLACE FUNCTION {MARTS}.may_read_site(at_site text)
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN EXISTS (
  SELECT FROM {ACCESS} AS a WHERE a.role_name = current_user
  AND a.product_code IS NULL AND (a.site IS NULL OR a.site = at_site)
);
COMMENT ON FUNCTION {MARTS}.may_read_site IS
  'Whether the current role sees every product of this site.';
CREATE OR REPLACE FUNCTION {MARTS}.may_read_everything()
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN EXISTS (
  SELECT FROM {ACCESS} AS a
  WHERE a.role_name = current_user AND a.product_code IS NULL AND a.site IS NULL
);
COMMENT ON FUNCTION {MARTS}.may_read_everything IS 'Whether the current role sees every row.';
"""  # noqa: S608 - constants
TABLE = f"""CREATE TABLE {ACCESS} (
  role_name text NOT NULL,
  product_code text,
  site text,
  granted_by text NOT NULL DEFAULT session_user,
  granted_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE NULLS NOT DISTINCT (role_name, product_code, site)
);
COMMENT ON TABLE {ACCESS} IS 'one row per role and what it sees of the marts; null is every one.';
ALTER TABLE {ACCESS} ENABLE ROW LEVEL SECURITY;
CREATE POLICY {POLICY} ON {ACCESS} FOR SELECT USING (role_name = current_user);
"""


def table_of_access(roles_present: Iterable[str]) -> list[str]:
    """Return what makes the table of access, and lets the product's own readers see everything."""
    known = set(roles_present)
    return [TABLE] + [
        f"INSERT INTO {ACCESS} (role_name) VALUES ('{role}')"  # noqa: S608 - a constant
        for role in SEE_EVERYTHING
        if role in known
    ]


def policies(contract: DatasetContract) -> list[str]:
    """Return what hides the mart's rows from roles that may not see them."""
    table = f'{MARTS}."{contract.name}"'
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"DROP POLICY IF EXISTS {POLICY} ON {table}",
        f"CREATE POLICY {POLICY} ON {table} FOR SELECT USING ({_seen(contract)})",
    ]


def _seen(contract: DatasetContract) -> str:
    """Return the condition; what does not depend on the row is asked once a query."""
    columns = set(contract.column_names)
    everything = f"(SELECT {MARTS}.may_read_everything())"
    if contract.name == BATCHES:
        return f"{everything} OR {MARTS}.may_read(product_code, site)"
    if "batch_id" in columns:
        # The batches that the subquery finds are those that the reader sees.
        seen = f"SELECT b.batch_id FROM {MARTS}.{BATCHES} AS b"  # noqa: S608 - constants
        return f"{everything} OR batch_id IN ({seen})"
    if "product_code" in columns:
        return f"{everything} OR {MARTS}.may_read_product(product_code)"
    return everything
