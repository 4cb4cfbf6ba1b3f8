"""What every table of ours is made with: composite references, row security, audit, touched times.

Models name the constraints; migrations call the operations. JOINTS, *Roles and policies*, says why
each is as it is.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunSQL
from django.db.migrations.operations.base import Operation
from django.db.models.functions import Now

from .ids import new_id
from .roles import GATE, KEEPER

ACTIVE_SPACE = "(select nullif(current_setting('app.space_id', true), '')::uuid)"
ACTIVE_USER = "(select nullif(current_setting('app.user_id', true), '')::uuid)"
OPEN_LIBRARIES = (
    "any ((select string_to_array(nullif(current_setting('app.library_ids', true), ''), ',')"
    "::uuid[])::uuid[])"
)
OWN_SPACES = (
    "any ((select string_to_array(nullif(current_setting('app.space_ids', true), ''), ',')::uuid[])::uuid[])"
)


class Record(models.Model):
    """An id made by us, a time of creation that never changes, a time of change set by the database."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True


class Reference(models.constraints.BaseConstraint):
    """A foreign key over several columns, so that a row can only refer within its own space (S4).

    `on_delete` and `on_update` are SQL (`CASCADE`, `SET NULL (series_id)`); the database carries them out. One over
    several columns can wait for the end of a transaction, so that a library moves to another space table by table.
    """

    def __init__(
        self,
        *,
        name: str,
        columns: Sequence[str],
        table: str,
        target: Sequence[str],
        on_delete: str = "NO ACTION",
        on_update: str = "NO ACTION",
    ) -> None:
        super().__init__(name=name)
        self.columns = tuple(columns)
        self.table = table
        self.target = tuple(target)
        self.on_delete = on_delete
        self.on_update = on_update

    def constraint_sql(self, model: type[models.Model] | None, schema_editor: Any) -> str:
        schema_editor.deferred_sql.append(self._add(model))
        return ""

    def create_sql(self, model: type[models.Model] | None, schema_editor: Any) -> str:
        schema_editor.deferred_sql.append(self._add(model))
        return ""

    def remove_sql(
        self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> str:
        assert model is not None
        return f'ALTER TABLE "{model._meta.db_table}" DROP CONSTRAINT "{self.name}"'

    def validate(self, *args: object, **kwargs: object) -> None:
        """The database decides (STYLE 6)."""

    def _add(self, model: type[models.Model] | None) -> str:
        assert model is not None
        return (
            f'ALTER TABLE "{model._meta.db_table}" ADD CONSTRAINT "{self.name}" '
            f'FOREIGN KEY ({", ".join(self.columns)}) REFERENCES "{self.table}" ({", ".join(self.target)}) '
            f"ON DELETE {self.on_delete} ON UPDATE {self.on_update}"
            f"{' DEFERRABLE' if len(self.columns) > 1 else ''}"
        )

    def deconstruct(self) -> tuple[str, tuple[()], dict[str, Any]]:
        path = f"{self.__class__.__module__}.{self.__class__.__name__}"
        return path, (), self._identity() | {"name": self.name}

    def _identity(self) -> dict[str, Any]:
        return {
            "columns": self.columns,
            "table": self.table,
            "target": self.target,
            "on_delete": self.on_delete,
            "on_update": self.on_update,
        }

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Reference):
            return NotImplemented
        return self.name == other.name and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash((self.name, *self._identity().values()))


def of_space(table: str, *, library: str | None = "library_id", space: str = "space_id") -> list[Operation]:
    """Row security of a table of a space: the active space's rows, in libraries open to the person."""
    guard = f"{space} = {ACTIVE_SPACE}"
    if library:
        guard += f" and {library} = {OPEN_LIBRARIES}"
    return guarded(table, guard)


def of_person(table: str, *, owner: str = "user_id") -> list[Operation]:
    """Row security of a table of a person: one's own rows, in whichever space one stands."""
    return guarded(table, f"{owner} = {ACTIVE_USER}")


def guarded(
    table: str, see: str, *, write: str | None = None, writes: str = "insert,update,delete"
) -> list[Operation]:
    """One policy per command. `see` guards reading; `write` (default the same) guards the named writes.

    A command that is not named is refused to the application altogether; it goes through `gate`.
    """
    write = write or see
    policies = {
        "select": f"FOR SELECT USING ({see})",
        "insert": f"FOR INSERT WITH CHECK ({write})",
        "update": f"FOR UPDATE USING ({write}) WITH CHECK ({write})",
        "delete": f"FOR DELETE USING ({write})",
    }
    wanted = ["select", *filter(None, writes.split(","))]
    refused = [command.upper() for command in policies if command not in wanted]
    application = settings.APPLICATION_ROLE
    forward: list[Any] = [
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        *(f'CREATE POLICY {table}_{command} ON "{table}" {policies[command]}' for command in wanted),
        f'CREATE POLICY {table}_gate ON "{table}" TO {GATE} USING (true) WITH CHECK (true)',
    ]
    backward: list[Any] = [f'DROP POLICY {table}_{name} ON "{table}"' for name in ["gate", *wanted]]
    if refused:
        forward.append(f'REVOKE {", ".join(refused)} ON "{table}" FROM "{application}"')
        backward.append(f'GRANT {", ".join(refused)} ON "{table}" TO "{application}"')
    return [RunSQL(forward, [*backward, f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY'])]


def kept_by_keeper(table: str, columns: str) -> Operation:
    """The keeper may list these columns (ids and times only), so that sweeps know where to go."""
    return RunSQL(
        [
            f'GRANT SELECT ({columns}) ON "{table}" TO {KEEPER}',
            f'CREATE POLICY {table}_keeper ON "{table}" FOR SELECT TO {KEEPER} USING (true)',
        ],
        [f'DROP POLICY {table}_keeper ON "{table}"', f'REVOKE SELECT ON "{table}" FROM {KEEPER}'],
    )


def touched(table: str) -> Operation:
    """`created_at` never changes; `updated_at` is the database's."""
    return RunSQL(
        f'CREATE TRIGGER {table}_touch BEFORE UPDATE ON "{table}" FOR EACH ROW EXECUTE FUNCTION touch()',
        f'DROP TRIGGER {table}_touch ON "{table}"',
    )


def audited(
    table: str, *, space: str = "space_id", library: str = "", owner: str = "", without: Sequence[str] = ()
) -> Operation:
    """Every insert, update and delete leaves a row in the trail (L1).

    `space`, `library`, `owner` name the columns that say who may see it ('' for none); `without` are
    columns that never reach the trail.
    """
    arguments = ", ".join(f"'{value}'" for value in (space, library, owner, ",".join(without)))
    tables = {
        "insert": "REFERENCING NEW TABLE AS new_rows",
        "update": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
        "delete": "REFERENCING OLD TABLE AS old_rows",
    }
    return RunSQL(
        [
            f'CREATE TRIGGER {table}_audit_{event} AFTER {event.upper()} ON "{table}" {transition} '
            f"FOR EACH STATEMENT EXECUTE FUNCTION audit_rows({arguments})"
            for event, transition in tables.items()
        ],
        [f'DROP TRIGGER {table}_audit_{event} ON "{table}"' for event in tables],
    )


def gate_function(
    signature: str,
    returns: str,
    body: str,
    *,
    arguments: str | None = None,
    language: str = "plpgsql",
    volatile: str = "",
    before: str | None = None,
) -> Operation:
    """A SECURITY DEFINER function owned by `gate`, executable by the application alone.

    `signature` names parameters, e.g. `find(token bytea)`; `arguments` repeats only their types where
    `signature` has names (for GRANT and DROP). `before` is the body that this one takes the place of, to which
    going back returns.
    """
    name = signature.split("(", 1)[0]
    target = f"{name}({arguments})" if arguments is not None else signature
    application = settings.APPLICATION_ROLE

    def made(text: str) -> list[Any]:
        return [
            f"GRANT CREATE ON SCHEMA public TO {GATE}",
            f"CREATE OR REPLACE FUNCTION {signature} RETURNS {returns} LANGUAGE {language} {volatile} "
            f"SECURITY DEFINER SET search_path = public, pg_temp AS $gate$ {text} $gate$",
            f"ALTER FUNCTION {target} OWNER TO {GATE}",
            f"REVOKE ALL ON FUNCTION {target} FROM PUBLIC",
            f'GRANT EXECUTE ON FUNCTION {target} TO "{application}"',
            f"REVOKE CREATE ON SCHEMA public FROM {GATE}",
        ]

    return RunSQL(made(body), made(before) if before else f"DROP FUNCTION {target}")
