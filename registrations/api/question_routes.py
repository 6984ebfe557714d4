"""The addresses of the JSON API for what an event asks of those who book."""

from __future__ import annotations

from registrations import questionnaire
from registrations.api import questions
from registrations.pages.desk import ORGANISERS
from services.routes import Route

ASKED = "/api/v1/programmes/{programme}/attendees/{event}/questions"
ONE = ASKED + "/{question_id}"

QUESTIONS = (
    Route("GET", ASKED, questions.index, ORGANISERS, "List what an event asks", answers=questions.QuestionsOut),
    Route(
        "POST",
        ASKED,
        questions.add,
        ORGANISERS,
        "Ask one more question",
        body=questionnaire.QuestionRequest,
        answers=questions.QuestionsOut,
        status=201,
    ),
    Route(
        "POST",
        f"{ASKED}/copy",
        questions.copy,
        ORGANISERS,
        "Ask what another event asks",
        body=questionnaire.CopyForm,
        answers=questions.QuestionsOut,
    ),
    Route(
        "POST",
        f"{ASKED}/left-out",
        questions.settle,
        ORGANISERS,
        "Ask what a copied event had no room for, or leave it out",
        body=questionnaire.LeftOutForm,
        answers=questions.QuestionsOut,
    ),
    Route(
        "PUT",
        ONE,
        questions.change,
        ORGANISERS,
        "Change a question",
        body=questionnaire.QuestionChange,
        answers=questions.QuestionsOut,
    ),
    Route(
        "POST",
        f"{ONE}/move",
        questions.move,
        ORGANISERS,
        "Move a question up or down",
        body=questionnaire.PlaceForm,
        answers=questions.QuestionsOut,
    ),
    Route(
        "POST",
        f"{ONE}/retire",
        questions.retire,
        ORGANISERS,
        "Ask a question no more, or again",
        body=questionnaire.RetireForm,
        answers=questions.QuestionsOut,
    ),
)
