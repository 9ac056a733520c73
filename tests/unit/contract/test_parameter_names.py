"""Names of parameters, by which applications in two accounts find the same model."""

from bedrock_lifecycle.contract import access_parameter, model_id_parameter


def test_no_two_parameters_of_a_model_and_none_of_two_models_have_one_name() -> None:
    whose = [("a", "dev"), ("a", "prod"), ("a-b", "dev"), ("b", "dev")]
    names = [
        *(model_id_parameter(*its) for its in whose),
        *(access_parameter(*its, what) for its in whose for what in ("role-arn", "model-id-parameter", "region")),
    ]
    assert len(set(names)) == len(names)
    assert {name.split("/")[1] for name in names} == {"bedrock-tuning"}


def test_what_an_application_reads_lies_beside_the_model_s_own_parameter() -> None:
    folder = model_id_parameter("faq", "prod").rpartition("/")[0]
    assert access_parameter("faq", "prod", "region") == f"{folder}/access/region"
