"""The chain of typefaces: the office's licensed fonts, then open Fandol, then the Noto faces.

Official papers name 仿宋, 楷体, 黑体 and 小标宋. None of the licensed files may be shipped, so each role
lists the families that can play it, best first, and only those really present are handed to the
typesetter. The Noto faces close every chain: they cover all of GBK and the rare characters of names that
Fandol lacks.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pylopdf_fonts_zh_cn
import typst

FANDOL_FOLDERS = (
    Path("/usr/share/texlive/texmf-dist/fonts/opentype/public/fandol"),
    Path("/usr/share/texmf/fonts/opentype/public/fandol"),
)

ROLES: dict[str, tuple[str, ...]] = {
    "fangsong": (
        "仿宋_GB2312",
        "FangSong_GB2312",
        "仿宋",
        "FangSong",
        "STFangsong",
        "FandolFang",
        "Noto Serif SC",
    ),
    "kai": ("楷体_GB2312", "KaiTi_GB2312", "楷体", "KaiTi", "STKaiti", "FandolKai", "Noto Serif SC"),
    "hei": ("黑体", "SimHei", "STHeiti", "FandolHei", "Noto Sans SC"),
    "biaosong": (
        "方正小标宋简体",
        "方正小标宋_GBK",
        "FZXiaoBiaoSong-B05S",
        "FZXiaoBiaoSong-B05",
        "小标宋",
        "Noto Serif SC",
    ),
    "song": ("宋体", "SimSun", "STSong", "FandolSong", "Noto Serif SC"),
    "sans": ("Noto Sans SC",),
    "mono": ("DejaVu Sans Mono", "Noto Sans SC"),
}

# Faces that are heavy by themselves; the stand-in for 小标宋 and 黑体 gets a stroke instead.
HEAVY = frozenset(ROLES["biaosong"][:-1] + ROLES["hei"][:-1])


@dataclass(frozen=True)
class Typefaces:
    """The loaded fonts and, for each role, the families that are really there."""

    loaded: typst.Fonts
    families: dict[str, list[str]]

    @property
    def stroked(self) -> dict[str, bool]:
        """Whether the first face of a heading role is light and must be thickened by a stroke."""
        return {role: self.families[role][0] not in HEAVY for role in ("hei", "biaosong")}


@cache
def load_typefaces(office_folder: Path | None = None) -> Typefaces:
    """Read the fonts once for each process: scanning them again for every paper would cost 75 ms."""
    package = pylopdf_fonts_zh_cn.sans_path().parent
    folders = [folder for folder in (office_folder, *FANDOL_FOLDERS, package) if folder and folder.is_dir()]
    loaded = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=folders)
    present = {family.lower() for family in loaded.families()}
    families = {role: [name for name in names if name.lower() in present] for role, names in ROLES.items()}
    return Typefaces(loaded=loaded, families=families)
