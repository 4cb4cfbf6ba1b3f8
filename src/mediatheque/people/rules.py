"""Pure decisions about accounts: what an address, a password, a name may be."""

import unicodedata

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 1024
TOKEN_SCOPES = ("read", "write", "personal")


def email_key(email: str) -> str:
    """What two spellings of one address share."""
    return unicodedata.normalize("NFC", email.strip()).casefold()


def password_fault(password: str, email: str) -> str | None:
    """The code of what is wrong with a new password, or None."""
    if len(password) < SHORTEST_PASSWORD:
        return "password.short"
    if len(password) > LONGEST_PASSWORD:
        return "password.long"
    if email_key(password) in (email_key(email), email_key(email).partition("@")[0]):
        return "password.email"
    return None


def local_path(address: str | None) -> str:
    """Where a page may send someone next: a path of this install, else its door."""
    text = address or "/"
    own = text.startswith("/") and not text.startswith(("//", "/\\"))
    return text if own and text.isprintable() and "\\" not in text else "/"


def device(user_agent: str) -> str:
    """A browser and its system in words, as far as it says so; '' for none."""
    browsers = {
        "Edg/": "Edge",
        "OPR/": "Opera",
        "Firefox/": "Firefox",
        "Chrome/": "Chrome",
        "Safari/": "Safari",
    }
    systems = {
        "iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows", "Mac OS X": "Mac",
        "Linux": "Linux",
    }  # fmt: skip
    browser = next((name for mark, name in browsers.items() if mark in user_agent), "")
    system = next((name for mark, name in systems.items() if mark in user_agent), "")
    return " · ".join(filter(None, (browser, system))) or user_agent[:60]
