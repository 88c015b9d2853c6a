"""What the words say, and whether they fit the code."""

from __future__ import annotations

import polars as pl

from features.feature import Feature

_LIFT = "the words of '{{item}}' stand under {} hardly more often than by chance"

FEATURES: tuple[Feature, ...] = (
    Feature("text_hs6_lift", "history", "words", "ln ratio",
            "how much more often its words stand with its code than chance, worst item",
            pl.col("text_hs6_lift"), _LIFT.format("{item_hs6}")),
    Feature("text_hs4_lift", "history", "words", "ln ratio", "the same for the heading",
            pl.col("text_hs4_lift"), _LIFT.format("heading {item_hs4}")),
    Feature("text_hs2_lift", "history", "words", "ln ratio", "the same for the chapter",
            pl.col("text_hs2_lift"), _LIFT.format("chapter {item_hs2}")),
    Feature("text_hs6_odds", "history", "words", "ln odds",
            "odds that its words stand for its code, worst item", pl.col("text_hs6_odds")),
    Feature("text_hs4_odds", "history", "words", "ln odds", "the same for the heading",
            pl.col("text_hs4_odds")),
    Feature("text_hs2_odds", "history", "words", "ln odds", "the same for the chapter",
            pl.col("text_hs2_odds")),
    Feature("text_best_word", "history", "words", "ln ratio",
            "the same for the heading, best word", pl.col("text_hs4_best_word"),
            "no word of '{item}' stands under heading {item_hs4} much more often than by chance"),
    Feature("text_gap", "history", "words", "ln ratio",
            "how much better its words fit another heading", pl.col("text_gap"),
            "the words of '{item}' fit heading {item_heading} better than {item_hs6}"),
    Feature("text_known_share", "history", "words", "share 0 to 1",
            "share of its words that were seen before", pl.col("text_known_share"),
            "its description uses words hardly seen before: '{item}'"),
    Feature("sender_text_gap", "flight", "words", "ln ratio",
            "how badly this sender's words fit its codes on the flight, in the middle",
            pl.col("sender_flight_gap"),
            "this sender's descriptions regularly do not fit its codes"),
    Feature("text_is_new_for_sender", "history", "words", "0 or 1",
            "a known sender uses a description it has not used before",
            pl.when(pl.col("sender_consignments") > 3).then(pl.col("sender_text_items").is_null())),
    Feature("sender_words_surprise", "history", "words", "ln ratio",
            "how much rarer its words are with this sender than with everybody",
            pl.col("words_surprise"),
            "this sender hardly ever uses the words of '{item}'"),
    Feature("sender_heading_surprise", "history", "words", "ln ratio",
            "how much rarer its heading is with this sender than with everybody",
            pl.col("heading_surprise"),
            "this sender hardly ever declares goods of heading {item_hs4}"),
    Feature("word_count", "consignment", "words", "count", "words of its longest description",
            pl.col("word_count")),
    Feature("vague_share", "consignment", "words", "share 0 to 1",
            "share of words that say nothing (ICS2 stop words), worst item", pl.col("vague_share"),
            "vague description '{item}'"),
    Feature("is_stop_word", "consignment", "words", "0 or 1",
            "a description is a stop word standing alone", pl.col("is_stop_word"),
            "description '{item}' says nothing"),
    Feature("has_prepared_phrase", "consignment", "words", "0 or 1",
            "a phrase that forwarders put in place of words that get stopped",
            pl.col("has_prepared_phrase"),
            "description '{item}' uses a phrase put in place of words that get "
            "stopped"),
    Feature("has_double_space", "consignment", "words", "0 or 1",
            "a gap where a word may have been deleted", pl.col("has_double_space")),
    Feature("digit_share", "consignment", "words", "share 0 to 1",
            "digits among the characters of a description", pl.col("digit_share")),
    Feature("word_odds_max", "history", "words", "ln ratio",
            "most suspicious word: rate of irregular controls with it over the overall rate",
            pl.col("word_odds_max"),
            "a word of '{item}' stood on parcels found irregular "
            "{odds:.1f} times as often as usual"),
    Feature("word_odds_sum", "history", "words", "ln ratio",
            "the same, summed over its words", pl.col("word_odds_sum")),
)  # fmt: skip
