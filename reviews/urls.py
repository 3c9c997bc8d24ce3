from django.urls import URLPattern, path

from reviews.views import (
    case,
    check,
    documents,
    experts,
    explanation,
    filling,
    letters,
    mine,
    objecting,
    payees,
    progress,
    promised,
    publicity,
    reconsidering,
    start,
)
from reviews.views.offer import offer

app_name = "reviews"
urlpatterns: list[URLPattern] = [
    path("cases/", mine.mine, name="mine"),
    path("cases/start/<slug:city>/<slug:code>/", start.start, name="start"),
    path("cases/<int:pk>/", case.case, name="case"),
    path("cases/<int:pk>/offer/", offer, name="offer"),
    path("cases/<int:pk>/form/", filling.form, name="form"),
    path("cases/<int:pk>/payees/", payees.payees, name="payees"),
    path("cases/<int:pk>/payees/<int:payee>/remove/", payees.remove, name="payee_remove"),
    path("cases/<int:pk>/check/", check.check, name="check"),
    path("cases/<int:pk>/promised/", promised.promised, name="promised"),
    path("cases/<int:pk>/receipt/", case.receipt, name="receipt"),
    path("cases/<int:pk>/explanation/", explanation.explanation, name="explanation"),
    path("cases/<int:pk>/explanation.pdf", explanation.explanation_pdf, name="explanation_pdf"),
    path("cases/<int:pk>/withdraw/", case.withdraw, name="withdraw"),
    path("cases/<int:pk>/reconsideration/", reconsidering.reconsider, name="reconsider"),
    path("documents/<uuid:pk>/", documents.document, name="document"),
    path("letters/", letters.letters, name="letters"),
    path("letters/<int:pk>/", letters.letter, name="letter"),
    path("letters/<int:pk>.pdf", letters.letter_pdf, name="letter_pdf"),
    path("verify/<str:token>/", letters.verify, name="verify"),
    path("progress/", progress.progress, name="progress"),
    path("scoring/", experts.scoring, name="scoring"),
    path("scoring/<int:pk>/", experts.sheet, name="score"),
    path("publicity/", publicity.notices, name="publicity"),
    path("publicity/<slug:number>/", publicity.notice, name="publicity_notice"),
    path("publicity/<slug:number>/<int:item>/object/", objecting.object_to, name="object"),
]
