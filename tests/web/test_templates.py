"""Templates name only what exists: addresses, static files; and carry nothing the policy forbids."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.urls import get_resolver
from django.utils.translation import override

import mediatheque
from mediatheque.web import jinja

ROOT = Path(mediatheque.__file__).parent
TEMPLATES = sorted(ROOT.glob("*/templates/**/*.html"))
NAMES = {name for name in get_resolver().reverse_dict if isinstance(name, str)}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_template_names_addresses_and_files_that_exist(template):
    text = template.read_text()
    assert set(re.findall(r"""url\(\s*['"]([\w-]+)['"]""", text)) <= NAMES
    for name in re.findall(r"""static\(\s*['"]([^'"]+)['"]""", text):
        assert finders.find(name), name


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_template_has_no_inline_style_or_script(template):
    text = template.read_text()
    assert not re.search(r"\sstyle=|\son\w+=|<style|hx-on|javascript:", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)


def test_there_are_templates():
    assert len(TEMPLATES) > 20


@pytest.mark.parametrize(("language", "said"), [("en", "2,226 titles"), ("de", "2.226 Titel")])
def test_a_count_is_written_as_the_readers_language_writes_it(language, said):
    with override(language):
        assert jinja.counted("%(num)s title", "%(num)s titles", 2226) == said
