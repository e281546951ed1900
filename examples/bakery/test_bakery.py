from bizgyms.testing import check_case


def test_contract():
    check_case("examples/Bakery-v0")
