"""Accounts, sessions and tokens. They stand outside row security: the application may select only what
it shows, everything else goes through `gate` functions (ARCHITECTURE, *Before a scope exists*)."""

from django.db import models

from mediatheque.core.schema import Record, Reference


class User(Record):
    """A person. Without e-mail and password it is one a household's admin keeps (P6)."""

    email = models.CharField(max_length=254, null=True)
    email_key = models.CharField(max_length=254, null=True, unique=True)
    name = models.CharField(max_length=120)
    password = models.CharField(max_length=256, null=True)
    role = models.CharField(max_length=10, default="user")
    banned_at = models.DateTimeField(null=True)
    kept_by = models.UUIDField(null=True)
    bio = models.TextField(default="")
    avatar = models.CharField(max_length=64, null=True)
    preferences = models.JSONField(default=dict)
    metadata = models.JSONField(default=dict)
    last_sign_in_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "users"
        constraints = [
            models.CheckConstraint(
                name="users_role", condition=models.Q(role__in=["user", "manager", "admin"])
            ),
        ]


class Session(Record):
    """A browser's sign-in: the hash of its key, its person, the space and library it last stood in (P2, P3)."""

    key_hash = models.BinaryField(unique=True)
    user_id = models.UUIDField()
    space_id = models.UUIDField(null=True)
    library_id = models.UUIDField(null=True)
    user_agent = models.CharField(max_length=300, default="")
    address = models.CharField(max_length=45, default="")
    last_seen_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "sessions"
        constraints = [
            Reference(
                name="sessions_user", columns=["user_id"], table="users", target=["id"], on_delete="CASCADE"
            ),
        ]
        indexes = [
            models.Index(fields=["user_id", "-last_seen_at"], name="sessions_user"),
            models.Index(fields=["expires_at"], name="sessions_expiry"),
        ]


class Token(Record):
    """What a program signs in with (P4): a personal API token, or an access and refresh pair of one family."""

    kind = models.CharField(max_length=10)
    token_hash = models.BinaryField(unique=True)
    family = models.UUIDField()
    user_id = models.UUIDField()
    space_id = models.UUIDField(null=True)
    name = models.CharField(max_length=120, default="")
    scopes = models.JSONField(default=list)
    expires_at = models.DateTimeField(null=True)
    spent_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "tokens"
        constraints = [
            Reference(
                name="tokens_user", columns=["user_id"], table="users", target=["id"], on_delete="CASCADE"
            ),
            models.CheckConstraint(
                name="tokens_kind", condition=models.Q(kind__in=["api", "access", "refresh"])
            ),
        ]
        indexes = [
            models.Index(fields=["user_id"], name="tokens_user"),
            models.Index(fields=["family"], name="tokens_family"),
        ]
