"""Spaces, memberships, libraries, invitations."""

from django.db import models

from mediatheque.core.schema import Record, Reference

KINDS = ["household", "studio", "client", "platform"]
ROLES = ["member", "manager", "admin"]


class Space(Record):
    """A group of people with one role each; the boundary of isolation. `kind` never changes."""

    name = models.CharField(max_length=120)
    slug = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=10, default="household")
    language = models.CharField(max_length=10, default="en")
    time_zone = models.CharField(max_length=60, default="UTC")
    contact_person = models.CharField(max_length=200, default="")
    contact_email = models.CharField(max_length=254, default="")
    contact_address = models.TextField(default="")
    metadata = models.JSONField(default=dict)
    created_by = models.UUIDField(null=True)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "spaces"
        constraints = [
            models.CheckConstraint(name="spaces_kind", condition=models.Q(kind__in=KINDS)),
            models.UniqueConstraint(fields=["id", "kind"], name="spaces_id_kind"),
            Reference(
                name="spaces_created_by", columns=["created_by"], table="users", target=["id"],
                on_delete="SET NULL",
            ),
        ]  # fmt: skip


class Membership(Record):
    """A person's role in a space. A suspended one opens nothing."""

    space_id = models.UUIDField()
    user_id = models.UUIDField()
    kind = models.CharField(max_length=10)
    role = models.CharField(max_length=10)
    joined_at = models.DateTimeField()
    suspended_at = models.DateTimeField(null=True)
    metadata = models.JSONField(default=dict)

    class Meta:
        db_table = "memberships"
        constraints = [
            models.CheckConstraint(name="memberships_role", condition=models.Q(role__in=ROLES)),
            models.UniqueConstraint(fields=["space_id", "user_id"], name="memberships_once"),
            models.UniqueConstraint(
                fields=["user_id"], name="memberships_one_client", condition=models.Q(kind="client")
            ),
            Reference(
                name="memberships_space", columns=["space_id", "kind"], table="spaces", target=["id", "kind"],
                on_delete="CASCADE",
            ),
            Reference(
                name="memberships_user", columns=["user_id"], table="users", target=["id"], on_delete="CASCADE"
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["user_id", "joined_at"], name="memberships_user")]


class Library(Record):
    """A named collection inside a space; `limited` ones admit chosen members and the space's admins."""

    space_id = models.UUIDField()
    name = models.CharField(max_length=120)
    description = models.TextField(default="")
    template = models.CharField(max_length=20, default="")
    default_type = models.CharField(max_length=12, default="movie")
    columns = models.JSONField(default=list)
    limited = models.BooleanField(default=False)
    is_default = models.BooleanField(default=False)
    created_by = models.UUIDField(null=True)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "libraries"
        constraints = [
            models.UniqueConstraint(fields=["space_id", "id"], name="libraries_space_id"),
            models.UniqueConstraint(
                fields=["space_id"], name="libraries_one_default", condition=models.Q(is_default=True)
            ),
            Reference(
                name="libraries_space", columns=["space_id"], table="spaces", target=["id"], on_delete="CASCADE"
            ),
            Reference(
                name="libraries_created_by", columns=["created_by"], table="users", target=["id"],
                on_delete="SET NULL",
            ),
        ]  # fmt: skip


class LibraryMember(Record):
    """A member whom a limited library admits."""

    space_id = models.UUIDField()
    library_id = models.UUIDField()
    user_id = models.UUIDField()

    class Meta:
        db_table = "library_members"
        constraints = [
            models.UniqueConstraint(fields=["library_id", "user_id"], name="library_members_once"),
            Reference(
                name="library_members_library", columns=["space_id", "library_id"], table="libraries",
                target=["space_id", "id"], on_delete="CASCADE", on_update="CASCADE",
            ),
            Reference(
                name="library_members_member", columns=["space_id", "user_id"], table="memberships",
                target=["space_id", "user_id"], on_delete="CASCADE",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["space_id", "user_id"], name="library_members_member")]


class Invitation(Record):
    """An e-mail, a role and an expiry into a space, or (without space) to the install (P1, P9)."""

    space_id = models.UUIDField(null=True)
    email = models.CharField(max_length=254)
    email_key = models.CharField(max_length=254)
    role = models.CharField(max_length=10, default="member")
    anyone = models.BooleanField(default=False)
    token_hash = models.BinaryField(unique=True)
    status = models.CharField(max_length=10, default="pending")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.UUIDField(null=True)
    created_by = models.UUIDField(null=True)

    class Meta:
        db_table = "invitations"
        constraints = [
            models.CheckConstraint(name="invitations_role", condition=models.Q(role__in=ROLES)),
            models.CheckConstraint(
                name="invitations_status",
                condition=models.Q(status__in=["pending", "accepted", "declined", "revoked", "expired"]),
            ),
            models.UniqueConstraint(
                fields=["space_id", "email_key"], name="invitations_one_pending", nulls_distinct=False,
                condition=models.Q(status="pending"),
            ),
            Reference(
                name="invitations_space", columns=["space_id"], table="spaces", target=["id"],
                on_delete="CASCADE",
            ),
            Reference(
                name="invitations_created_by", columns=["created_by"], table="users", target=["id"],
                on_delete="SET NULL",
            ),
            Reference(
                name="invitations_accepted_by", columns=["accepted_by"], table="users", target=["id"],
                on_delete="SET NULL",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["space_id", "-created_at"], name="invitations_space")]
