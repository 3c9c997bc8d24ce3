"""The computable programmes of the catalogue written out as polars expressions, in fen.

A baseline for the compiler: nothing here comes from the programme files but what was read there.
"""

from collections.abc import Collection

import polars as pl

from tests.bench.hand_parts import (
    ALL_BODIES,
    BODIES,
    ByHand,
    above,
    fen,
    fixed,
    given,
    kinds,
    one_of,
    percent,
    since,
    table,
    up_to,
    yes,
)

OFFICE_MOVED = yes("backdoor_listing_completed", "office_moved_to_qingdao")
NEW_ECONOMY = yes("new_economy_enterprise")
TITLES = (one_of("enterprise_title", "hidden_champion") & one_of("recognised_by", "qingdao")) | (
    one_of("enterprise_title", "specialised", "gazelle", "unicorn")
) & one_of("recognised_by", "shandong")
CENTRE = table("level", national=10_000_000, provincial=5_000_000)
CENTRE_SHARE = (
    pl.min_horizontal(pl.col("actual_investment") * 25, CENTRE * 100)
    - pl.col("subsidy_received") * 100
).clip(0)
LEAST_INVESTMENT = (pl.col("guidance_contribution") * 11 + 5) // 10
SUBFUND = pl.col("fund_size") * 20 - pl.col("invested_before") * 100
WORLD = one_of("list", "china_500") | one_of("publisher", "fortune")
CAPITAL = (pl.col("paid_in_capital") >= 20_000_000_000) | (
    pl.col("new_paid_in_capital") >= 20_000_000_000
)

PROGRAMMES = {
    "agglomeration-area-award": up_to(
        kinds("district_government")
        & one_of("area_type", "industrial", "service")
        & (one_of("area_level", "city")),
        50_000_000,
    ),
    "culture-top30-award": fixed(
        kinds("enterprise") & yes("first_time"),
        table("outcome", named=3_000_000, nominated=1_000_000),
    ),
    "domestic-listing-award": up_to(
        kinds("enterprise")
        & yes("registered_in_qingdao")
        & one_of("board", "main", "sme", "chinext")
        & one_of("stage", "tutoring", "accepted", "listed"),
        3_000_000,
    ),
    "engineering-centre-award": fixed(
        kinds(*ALL_BODIES)
        & one_of(
            "centre_title", "national_local_joint", "provincial_engineering", "provincial_service"
        ),
        fen(500_000),
    ),
    "enterprise-tech-centre-award": fixed(
        kinds("enterprise") & yes("recognised"),
        table("level", national=5_000_000, provincial=500_000),
    ),
    "enterprise-title-award": fixed(
        kinds("enterprise") & yes("registered_in_qingdao") & TITLES,
        table(
            "enterprise_title",
            hidden_champion=500_000,
            specialised=300_000,
            gazelle=500_000,
            unicorn=3_000_000,
        ),
    ),
    "guidance-fund-concession": fixed(
        kinds("fund")
        & yes("guidance_fund_takes_part")
        & (pl.col("invested_locally") >= LEAST_INVESTMENT),
        LEAST_INVESTMENT,
    ),
    "hitech-first-recognition-award": fixed(
        kinds("enterprise") & one_of("recognition_history", "none"),
        (pl.col("rd_expenses").clip(upper_bound=300_000_000) + 150_000_000 + 5) // 10,
    ),
    "hitech-renewal-award": fixed(
        kinds("enterprise") & one_of("recognition_ordinal", "second", "later"), fen(100_000)
    ),
    "innovation-centre-investment-subsidy": fixed(
        kinds("enterprise")
        & one_of("centre_kind", "manufacturing", "industry")
        & yes("approved_to_build", "independent_company")
        & above("actual_investment")
        & given("level", "subsidy_received"),
        pl.min_horizontal((CENTRE_SHARE + 50) // 100, CENTRE),
    ),
    "internet-hq-office-support": ByHand(
        kinds("enterprise")
        & yes("recognised_headquarters")
        & since("settlement_date")
        & one_of("form_of_support", "office", "cash"),
        fen(0),
        pl.when(one_of("form_of_support", "cash")).then(fen(5_000_000)).otherwise(fen(0)),
    ),
    "internet-hq-one-off-subsidy": up_to(
        kinds("enterprise")
        & yes("registered_in_qingdao")
        & since("registration_date")
        & one_of("headquarters_status", "recognised"),
        40_000_000,
    ),
    "internet-hq-tax-contribution-subsidy": ByHand(
        kinds("enterprise")
        & one_of("arrival", "registered", "attracted")
        & since("arrival_date")
        & one_of("recognised_as", "headquarters", "functional_branch")
        & pl.col("year_of_run").is_between(1, 3),
        percent("local_tax_contribution", 25),
        percent("local_tax_contribution", 50),
    ),
    "key-tech-project-support": up_to(
        kinds(*BODIES) & yes("key_technology_project", "selected_on_merit"), 5_000_000
    ),
    "leading-talent-project-grant": up_to(kinds(*BODIES) & yes("recognised"), 100_000_000),
    "mother-fund-early-subfund": ByHand(
        kinds("fund")
        & one_of("investment_stage", "innovation_and_conversion")
        & yes("early_stage_fund"),
        percent("committed_size", 0),
        percent("committed_size", 50),
    ),
    "national-base-same-reward": up_to(
        kinds("district_government") & one_of("base_status", "listed") & yes("admitted"), 50_000_000
    ),
    "national-competition-matching": fixed(
        kinds("enterprise") & one_of("competition", "cn_innovation") & yes("prize_won"),
        pl.col("national_prize_money"),
    ),
    "national-innovation-platform-award": up_to(
        kinds(*ALL_BODIES)
        & one_of(
            "national-innovation-platform-award.platform_kind",
            "key_laboratory",
            "technology_innovation_centre",
            "clinical_research_centre",
        )
        & one_of("approval_level", "national")
        & yes("first_approval"),
        10_000_000,
    ),
    "national-project-team-award": ByHand(
        kinds(*BODIES)
        & one_of("scheme", "major", "key")
        & one_of("part", "lead", "participant")
        & above("national_funds_received"),
        percent("national_funds_received", 3).clip(upper_bound=30_000_000),
        percent("national_funds_received", 5).clip(upper_bound=30_000_000),
    ),
    "ne-listing-subsidy": up_to(
        kinds("enterprise") & NEW_ECONOMY & yes("listed") & since("listing_date"), 3_000_000
    ),
    "ne-national-enterprise-tech-centre-award": fixed(
        kinds("enterprise") & yes("national_approval") & since("approval_date"), fen(5_000_000)
    ),
    "ne-national-platform-award": fixed(
        kinds(*ALL_BODIES)
        & one_of(
            "ne-national-platform-award.platform_kind",
            "key_laboratory",
            "engineering_research_centre",
            "technology_innovation_centre",
        )
        & yes("first_approval")
        & since("approval_date"),
        fen(10_000_000),
    ),
    "ne-shell-listing-subsidy": up_to(
        kinds("enterprise") & NEW_ECONOMY & OFFICE_MOVED & since("relocation_date"), 3_000_000
    ),
    "neeq-listing-award": up_to(
        kinds("enterprise") & yes("quoted", "registered_in_qingdao"), 1_200_000
    ),
    "settling-in-allowance": fixed(
        kinds("person")
        & one_of("degree", "doctor", "master")
        & yes("working_in_qingdao", "first_commercial_home")
        & since("purchase_date"),
        table("degree", doctor=150_000, master=100_000),
    ),
    "shell-listing-relocation-award": up_to(kinds("enterprise") & OFFICE_MOVED, 3_000_000),
    "startup-title-award": up_to(
        kinds("person")
        & one_of("startup_title", "startup_project", "startup_star", "student_startup_star")
        & yes("title_received")
        & since("title_date"),
        100_000,
    ),
    "subfund-single-project-limit": fixed(
        kinds("fund")
        & yes("guidance_fund_takes_part", "investee_new_economy")
        & given("planned_investment", "fund_size", "invested_before"),
        (pl.min_horizontal(pl.col("planned_investment") * 100, SUBFUND.clip(0)) + 50) // 100,
    ),
    "talent-introduction-intermediary-award": up_to(
        kinds("intermediary")
        & yes("introduced_by_applicant", "team_selected", "introduction_recognised")
        & since("selection_date"),
        1_000_000,
    ),
    "tech-sme-rd-reward": fixed(
        kinds("enterprise") & yes("technology_sme") & above("rd_expenses"),
        percent("rd_expenses", 5).clip(upper_bound=100_000_000),
    ),
    "tech-transfer-equity-share": fixed(
        kinds(*BODIES)
        & yes("contributed_as_capital")
        & (pl.col("equity_to_staff") >= percent("agreed_value", 80)),
        percent("agreed_value", 80),
    ),
    "tech-transfer-income-share": fixed(
        kinds(*BODIES)
        & yes("service_invention")
        & one_of("transfer_mode", "transfer", "licence")
        & (pl.col("reward_to_staff") >= percent("net_income", 80)),
        percent("net_income", 80),
    ),
    "top-talent-team-grant": ByHand(
        kinds(*BODIES)
        & yes("led_by_top_talent", "recognised_through_review")
        & since("recognition_date"),
        fen(10_000_000),
        fen(100_000_000),
    ),
    "top500-entry-award": fixed(
        kinds("enterprise")
        & WORLD
        & yes("first_entry")
        & one_of("sector", "manufacturing", "services"),
        table("list", world_500=10_000_000, china_500=3_000_000),
    ),
    "university-new-discipline-award": up_to(
        kinds("university")
        & yes("undergraduate_in_qingdao", "fits_new_industries")
        & one_of("change", "new", "adjusted"),
        10_000_000,
    ),
    "vc-local-investment-award": fixed(
        kinds("fund")
        & yes("registered_in_qingdao", "investee_in_qingdao", "real_industry_formed")
        & since("paid_in_date"),
        percent("investment_paid_in", 1),
    ),
    "vc-paid-in-capital-award": up_to(
        kinds("fund") & yes("registered_in_qingdao", "qualified") & CAPITAL & since("paid_in_date"),
        20_000_000,
    ),
    "zero-land-increase-retrofit": fixed(
        kinds("enterprise")
        & yes("approved", "within_own_land", "floor_area_ratio_raised")
        & one_of("way", "retrofit", "multi_storey", "added_storeys"),
        pl.col("land_price_otherwise_due"),
    ),
}


def reads(code: str) -> set[str]:
    """The columns of a programme as it was written out."""
    return {name for part in PROGRAMMES[code] for name in part.meta.root_names()}


def by_hand(frame: pl.DataFrame, codes: Collection[str]) -> pl.DataFrame:
    """id, programme, decision and sums of those who qualify."""
    enum, open_ = pl.Enum(list(codes)), pl.col("minimum") < pl.col("maximum")
    found = [
        frame.lazy()
        .filter(rule.holds)
        .select("id", pl.lit(code, enum).alias("programme"), minimum=rule.low, maximum=rule.high)
        .filter(pl.col("maximum").is_not_null())
        for code in codes
        if (rule := PROGRAMMES[code])
    ]
    decision = pl.when(open_).then(pl.lit("needs_choice")).otherwise(pl.lit("eligible"))
    parts = [part.with_columns(decision=decision) for part in pl.collect_all(found)]
    return pl.concat(parts).select("id", "programme", "decision", "minimum", "maximum")
