"""Where each exit code of each command is shown: the file in `tests/`, and the test in it."""

from typing import Final

_DATASET: Final = "unit/tune/dataset"
_PROMOTE: Final = "unit/tune/test_promote.py"
_CLI, _PLAN, _PURGE = "unit/tune/test_cli.py", "unit/tune/test_plan_command.py", "unit/tune/test_purge.py"
_ALL, _REVIEW, _PROBE = (
    "unit/tune/test_status_all.py",
    "synth/review/test_command.py",
    "unit/tune/probe/test_command.py",
)
_PREFLIGHT, _SANDBOX = "unit/tune/test_preflight.py", "e2e/test_sandbox_command.py"

_EVALUATE: Final = "unit/tune/test_evaluate.py"
_METRICS: Final = "unit/tune/metrics/test_command.py"
_REPORT: Final = "unit/tune/report/test_command.py"
_PIPELINE: Final = "unit/tune/test_pipeline.py"

SHOWN: Final = {
    ("plan", 0): (_PLAN, "test_without_an_environment_it_tells_of_the_account_and_exits_with_0"),
    ("plan", 1): (_PLAN, "test_drift_is_a_failure_only_on_request"),
    ("plan", 2): (_PLAN, "test_an_unknown_environment_and_unusable_credentials_are_usage_errors"),
    ("preflight", 0): (_PREFLIGHT, "test_exits_with_0_when_nothing_stands_in_the_way_and_with_1_when_something_does"),
    ("preflight", 1): (_PREFLIGHT, "test_exits_with_0_when_nothing_stands_in_the_way_and_with_1_when_something_does"),
    ("preflight", 2): (_PREFLIGHT, "test_what_keeps_it_from_looking_is_a_usage_error"),
    ("deploy", 0): (_CLI, "test_json_of_a_deploy_is_one_document"),
    ("deploy", 1): (_CLI, "test_deploy_hands_on_what_follows_two_hyphens_and_fails_with_the_cdk_cli"),
    ("deploy", 2): (_CLI, "test_a_stack_of_another_app_is_refused"),
    ("deploy", 3): (_CLI, "test_a_detached_deploy_ends_with_3_while_something_goes_on"),
    ("deploy", 4): ("unit/tune/test_deploy.py", "test_what_a_gate_alone_refuses_ends_with_4"),
    ("evaluate", 0): (
        _EVALUATE,
        "test_it_deploys_foundation_and_the_evaluation_alone_and_shows_what_was_found",
    ),
    ("evaluate", 1): (_EVALUATE, "test_a_failure_ends_with_1"),
    ("evaluate", 2): (_EVALUATE, "test_a_model_without_an_evaluation_is_refused_with_what_to_add"),
    ("evaluate", 3): (_EVALUATE, "test_an_evaluation_that_goes_on_ends_with_3"),
    ("evaluate", 4): (_EVALUATE, "test_a_refusal_of_the_gate_ends_with_4_and_its_numbers"),
    ("status", 0): (_ALL, "test_nothing_in_progress_is_0"),
    ("status", 1): (_ALL, "test_an_account_that_cannot_be_asked_is_named_and_the_rest_is_shown"),
    ("status", 2): ("unit/tune/test_status.py", "test_exits_with_2_when_aws_does_not_answer"),
    ("status", 3): (_ALL, "test_what_is_in_progress_is_an_exit_code_on_request"),
    ("report", 0): (_REPORT, "test_it_writes_a_page_with_the_verdict_first"),
    ("report", 1): (_REPORT, "test_an_unknown_evaluation_ends_with_1_and_those_there_are"),
    ("report", 2): (_REPORT, "test_what_is_no_report_is_not_replaced"),
    ("metrics", 0): (_METRICS, "test_it_shows_the_curve_of_the_newest_training"),
    ("metrics", 1): (_METRICS, "test_what_cannot_be_read_is_told_and_ends_with_1"),
    ("metrics", 2): (_METRICS, "test_what_is_no_picture_of_ours_is_not_replaced"),
    ("destroy", 0): (_CLI, "test_destroys_when_agreed"),
    ("destroy", 1): (_CLI, "test_json_tells_what_still_bills"),
    ("destroy", 2): (_CLI, "test_destroys_nothing_without_agreement"),
    ("promote", 0): (_PROMOTE, "test_it_writes_the_file_and_nothing_else_and_the_settings_take_it"),
    ("promote", 1): (_PROMOTE, "test_a_model_that_does_not_exist_is_refused"),
    ("promote", 2): (_PROMOTE, "test_a_file_that_the_settings_would_refuse_is_left_as_it_was"),
    ("purge", 0): (_PURGE, "test_removes_when_the_environment_is_named"),
    ("purge", 1): (_PURGE, "test_exits_with_1_when_something_stays"),
    ("purge", 2): (_PURGE, "test_removes_nothing_until_the_environment_is_named"),
    ("probe", 0): (_PROBE, "test_an_account_that_does_as_the_register_says"),
    ("probe", 1): (_PROBE, "test_an_account_that_does_otherwise_is_told_with_what_it_means_and_ends_with_1"),
    ("probe", 2): (_PROBE, "test_an_account_that_answers_nothing_ends_with_2_in_words_and_writes_nothing"),
    ("review", 0): (_REVIEW, "test_it_exits_with_1_at_a_finding_of_a_class_that_was_named"),
    ("review", 1): (_REVIEW, "test_it_exits_with_1_at_a_finding_of_a_class_that_was_named"),
    ("review", 2): (_REVIEW, "test_what_cannot_be_compared_ends_with_2_in_one_line"),
    ("policy", 0): ("unit/tune/test_policy.py", "test_prints_what_a_command_needs"),
    ("policy", 2): ("unit/tune/test_policy.py", "test_wrong_settings_are_told"),
    ("pipeline github", 0): ("unit/tune/test_pipeline.py", "test_it_is_written_and_then_is_the_same_already"),
    ("pipeline github", 2): ("unit/tune/test_pipeline.py", "test_what_a_team_has_changed_is_replaced_only_by_force"),
    ("demo", 0): (
        "e2e/test_demo.py",
        "test_the_demo_goes_there_and_back_with_prompts_and_completions_of_ones_own",
    ),
    ("demo", 1): ("unit/tune/test_demo_data.py", "test_the_command_starts_nothing_with_bad_data_and_shows_none_of_it"),
    ("demo", 2): ("unit/tune/test_demo_data.py", "test_the_command_says_that_a_file_is_missing"),
    ("sandbox", 0): (_SANDBOX, "test_what_it_prints_is_enough_to_reach_it_and_ctrl_c_leaves_nothing"),
    ("sandbox", 1): (_SANDBOX, "test_a_local_aws_that_dies_is_told_and_is_a_failure"),
    ("sandbox", 2): (_PROBE, "test_the_sandbox_takes_no_file_that_is_no_file_of_answers"),
    ("completion", 0): ("unit/tune/test_completion.py", "test_the_command_prints_what_a_shell_reads"),
    ("completion", 2): ("unit/tune/test_completion.py", "test_an_unknown_shell_is_a_usage_error"),
    ("dataset check", 0): (f"{_DATASET}/test_check.py", "test_good_data_ends_with_0"),
    ("dataset check", 1): (f"{_DATASET}/test_check.py", "test_an_error_ends_with_1_and_no_format_shows_content"),
    ("dataset check", 2): (f"{_DATASET}/test_check.py", "test_wrong_usage_ends_with_2"),
    ("dataset stats", 0): (f"{_DATASET}/test_stats.py", "test_records_with_errors_are_left_out_and_that_is_said"),
    ("dataset stats", 2): (f"{_DATASET}/test_stats.py", "test_a_missing_file_is_a_usage_error"),
    ("dataset convert", 0): (f"{_DATASET}/test_convert.py", "test_messages_hold_strings"),
    ("dataset convert", 1): (f"{_DATASET}/test_convert.py", "test_a_bad_line_is_named_and_nothing_is_written"),
    ("dataset convert", 2): (f"{_DATASET}/test_convert.py", "test_the_source_is_not_overwritten"),
    ("dataset split", 0): (f"{_DATASET}/test_split.py", "test_numbers_are_told_and_compared_with_the_base_model"),
    ("dataset split", 1): (f"{_DATASET}/test_split.py", "test_a_bad_line_is_named_and_nothing_is_written"),
    ("dataset split", 2): (f"{_DATASET}/test_split.py", "test_impossible_shares_are_a_usage_error"),
    ("dataset push", 0): (
        f"{_DATASET}/test_push.py",
        "test_files_go_where_their_digests_say_and_the_settings_name_the_digests",
    ),
    ("dataset push", 1): (f"{_DATASET}/test_push.py", "test_nothing_is_uploaded_when_the_check_finds_an_error"),
    ("dataset push", 2): (f"{_DATASET}/test_push.py", "test_an_unknown_environment_is_a_usage_error"),
    ("pipeline digest", 0): (_PIPELINE, "test_the_same_files_have_the_same_digest_and_it_is_expected"),
    ("pipeline digest", 1): (_PIPELINE, "test_another_file_is_another_digest"),
    ("pipeline digest", 2): (_PIPELINE, "test_what_is_no_assembly_has_no_digest"),
}
