"""Every address of programmes' JSON API, and who may call it."""

from __future__ import annotations

from programmes import inputs
from programmes.api import Done, Made, Seen, console, groups, public
from programmes.api.public import ProgrammeOut
from programmes.catalogue import Wanted
from programmes.paths import DOERS, EDITORS, OWNERS, READERS
from services.http.pagination import Page
from services.routes import OPERATOR, PUBLIC, Route

ALL = "/api/v1/programmes"
ONE = ALL + "/{programme}"
PLACES = ONE + "/municipalities"
PLACE = PLACES + "/{municipality_id}"
LIST = ONE + "/lists/{kind}"
TERM = LIST + "/{term_id}"
GROUPS = ONE + "/groups"
GROUP = GROUPS + "/{group_id}"
MEMBER = GROUP + "/members/{member_id}"
TASK = GROUP + "/tasks/{task_id}"

PUBLIC_API = (
    Route(
        "GET",
        ALL,
        public.search,
        PUBLIC,
        "Search the catalogue of programmes",
        query=Wanted,
        answers=Page[public.Entry],
    ),
    Route("GET", ONE, public.show, PUBLIC, "Show a programme", answers=ProgrammeOut),
    Route(
        "POST",
        ALL,
        public.create,
        OPERATOR,
        "Set up a programme as a draft",
        body=inputs.NewProgramme,
        answers=ProgrammeOut,
        status=201,
    ),
)
CONSOLE_API = (
    Route(
        "PUT",
        ONE + "/about",
        console.change_about,
        EDITORS,
        "Write the texts that say who recruits and why",
        body=inputs.About,
        answers=ProgrammeOut,
    ),
    Route(
        "PUT",
        ONE + "/settings",
        console.change_settings,
        EDITORS,
        "Set languages, time zone, contact and goal",
        body=inputs.ProgrammeSettings,
        answers=ProgrammeOut,
    ),
    Route(
        "POST",
        ONE + "/publish",
        console.publish,
        OWNERS,
        "Put the programme into the public catalogue",
        body=inputs.Change,
        answers=ProgrammeOut,
    ),
    Route(
        "POST", ONE + "/close", console.close, OWNERS, "Close the programme", body=inputs.Change, answers=ProgrammeOut
    ),
    Route(
        "POST",
        PLACES,
        console.add_municipality,
        EDITORS,
        "Add a municipality",
        body=inputs.Municipality,
        answers=Made,
        status=201,
    ),
    Route(
        "PUT",
        PLACE,
        console.change_municipality,
        EDITORS,
        "Write a municipality anew",
        body=inputs.MunicipalityChange,
        answers=Done,
    ),
    Route(
        "POST",
        PLACE + "/move",
        console.move_municipality,
        EDITORS,
        "Move a municipality up or down",
        body=inputs.Move,
        answers=Done,
    ),
    Route("DELETE", PLACE, console.remove_municipality, EDITORS, "Remove a municipality", query=Seen, answers=Done),
    Route(
        "POST",
        LIST,
        console.add_term,
        EDITORS,
        "Add to a list: work-area, target-group, activity-type, selling-point or partner",
        body=inputs.NewTerm,
        answers=Made,
        status=201,
    ),
    Route(
        "PUT", TERM, console.change_term, EDITORS, "Rename or recompose a term", body=inputs.TermChange, answers=Done
    ),
    Route("POST", TERM + "/move", console.move_term, EDITORS, "Move a term up or down", body=inputs.Move, answers=Done),
    Route("DELETE", TERM, console.remove_term, EDITORS, "Remove a term", query=Seen, answers=Done),
)
GROUP_API = (
    Route(
        "GET", GROUPS, groups.everything, READERS, "List working groups with members and tasks", answers=groups.Groups
    ),
    Route(
        "POST",
        GROUPS,
        groups.add,
        EDITORS,
        "Set up a working group or a process group",
        body=inputs.Group,
        answers=Made,
        status=201,
    ),
    Route("PUT", GROUP, groups.change, EDITORS, "Write a group anew", body=inputs.GroupChange, answers=groups.GroupOut),
    Route("DELETE", GROUP, groups.remove, EDITORS, "Dissolve a group", query=Seen, answers=Made),
    Route(
        "POST",
        GROUP + "/members",
        groups.add_member,
        EDITORS,
        "Give someone in office a seat",
        body=inputs.NewMember,
        answers=Made,
        status=201,
    ),
    Route(
        "PUT",
        MEMBER,
        groups.change_member,
        EDITORS,
        "Write a seat anew",
        body=inputs.MemberChange,
        answers=groups.GroupOut,
    ),
    Route("DELETE", MEMBER, groups.remove_member, EDITORS, "Free a seat", answers=groups.GroupOut),
    Route(
        "POST", GROUP + "/tasks", groups.add_task, EDITORS, "Note a task", body=inputs.NewTask, answers=Made, status=201
    ),
    Route(
        "PUT", TASK, groups.change_task, EDITORS, "Write a task anew", body=inputs.TaskChange, answers=groups.GroupOut
    ),
    Route(
        "PUT",
        TASK + "/done",
        groups.settle_task,
        DOERS,
        "Tick a task off or open it again",
        body=groups.Settled,
        answers=groups.GroupOut,
    ),
    Route("DELETE", TASK, groups.remove_task, EDITORS, "Strike a task", answers=groups.GroupOut),
)
API = (*PUBLIC_API, *CONSOLE_API, *GROUP_API)
