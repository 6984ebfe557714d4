"""Every page of programmes, and who may open it."""

from __future__ import annotations

from programmes.pages import console, groups, operator, panels, public
from programmes.paths import DOERS, EDITORS, OWNERS, READERS
from services.routes import OPERATOR, PUBLIC, Route

PAGE = "/{lang}/console/{programme}/programme"
LIST = PAGE + "/lists/{kind}"
PLACES = PAGE + "/municipalities"
GROUP = PAGE + "/groups/{group_id}"

PUBLIC_PAGES = (
    Route("GET", "/{lang}", public.home, PUBLIC),
    Route("GET", "/{lang}/programmes", public.browse, PUBLIC),
    Route("GET", "/{lang}/programmes/{slug}", public.show, PUBLIC),
)
OPERATOR_PAGES = (
    Route("GET", "/{lang}/system/programmes", operator.programmes, OPERATOR),
    Route("GET", "/{lang}/system/programmes/new", operator.new, OPERATOR),
    Route("POST", "/{lang}/system/programmes/new", operator.create, OPERATOR),
)
CONSOLE_PAGES = (
    Route("GET", PAGE, console.overview, READERS),
    Route("GET", f"{PAGE}/about", console.about, EDITORS),
    Route("POST", f"{PAGE}/about", console.save_about, EDITORS),
    Route("GET", f"{PAGE}/settings", console.settings, EDITORS),
    Route("POST", f"{PAGE}/settings", console.save_settings, EDITORS),
    Route("POST", f"{PAGE}/publish", console.publish, OWNERS),
    Route("GET", f"{PAGE}/close", console.ask_close, OWNERS),
    Route("POST", f"{PAGE}/close", console.close, OWNERS),
    Route("GET", PLACES, console.municipalities, EDITORS),
    Route("POST", PLACES, console.add_municipality, EDITORS),
    Route("GET", f"{PLACES}/{{municipality_id}}", console.municipality, EDITORS),
    Route("POST", f"{PLACES}/{{municipality_id}}", console.save_municipality, EDITORS),
    Route("POST", f"{PLACES}/{{municipality_id}}/move", console.move_municipality, EDITORS),
    Route("POST", f"{PLACES}/{{municipality_id}}/remove", console.remove_municipality, EDITORS),
    Route("GET", LIST, console.terms, EDITORS),
    Route("POST", LIST, console.add_term, EDITORS),
    Route("GET", f"{LIST}/{{term_id}}", console.term, EDITORS),
    Route("POST", f"{LIST}/{{term_id}}", console.save_term, EDITORS),
    Route("POST", f"{LIST}/{{term_id}}/move", console.move_term, EDITORS),
    Route("POST", f"{LIST}/{{term_id}}/remove", console.remove_term, EDITORS),
    Route("GET", "/{lang}/console/{programme}/panels/tasks", panels.tasks, READERS),
    Route("GET", "/{lang}/console/{programme}/panels/goal", panels.goal, READERS),
)
GROUP_PAGES = (
    Route("GET", f"{PAGE}/new-group", groups.new, EDITORS),
    Route("POST", f"{PAGE}/new-group", groups.add, EDITORS),
    Route("GET", GROUP, groups.show, READERS),
    Route("GET", f"{GROUP}/edit", groups.edit, EDITORS),
    Route("POST", f"{GROUP}/edit", groups.save, EDITORS),
    Route("POST", f"{GROUP}/move", groups.move, EDITORS),
    Route("GET", f"{GROUP}/remove", groups.ask_remove, EDITORS),
    Route("POST", f"{GROUP}/remove", groups.remove, EDITORS),
    Route("POST", f"{GROUP}/members", groups.add_member, EDITORS),
    Route("GET", f"{GROUP}/members/{{member_id}}", groups.member, EDITORS),
    Route("POST", f"{GROUP}/members/{{member_id}}", groups.save_member, EDITORS),
    Route("POST", f"{GROUP}/members/{{member_id}}/remove", groups.remove_member, EDITORS),
    Route("POST", f"{GROUP}/tasks", groups.add_task, EDITORS),
    Route("GET", f"{GROUP}/tasks/{{task_id}}", groups.task, EDITORS),
    Route("POST", f"{GROUP}/tasks/{{task_id}}", groups.save_task, EDITORS),
    Route("POST", f"{GROUP}/tasks/{{task_id}}/done", groups.finish_task, DOERS),
    Route("POST", f"{GROUP}/tasks/{{task_id}}/open", groups.reopen_task, DOERS),
    Route("POST", f"{GROUP}/tasks/{{task_id}}/remove", groups.remove_task, EDITORS),
)
PAGES = (*PUBLIC_PAGES, *OPERATOR_PAGES, *CONSOLE_PAGES, *GROUP_PAGES)
