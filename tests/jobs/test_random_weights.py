"""Random weights follow the study's seed, and activations follow the weights."""

from generated_study import LAYER, MODEL, make_images, make_study

from imi_desktop.experiment.study import Study
from imi_desktop.jobs.context import PausableToken
from imi_desktop.jobs.generation import Options, generate
from imi_desktop.models.loading import load_network
from imi_desktop.stimuli.activation_table import ActivationTable

RANDOM = f"random:{MODEL}"


def test_the_study_file_alone_says_which_weights_they_are(tmp_path):
    images = make_images(tmp_path / "images")
    study = make_study(tmp_path / "study", images, conditions=["natural"], model=RANDOM)
    options = Options(workers=1, only="natural")

    def generated():
        return generate(study.folder, options, lambda _progress: None, PausableToken())

    def recorded():
        return ActivationTable.read(study.folder, RANDOM, LAYER).weights

    assert generated().made == 4
    assert recorded() == load_network(RANDOM, device="cpu", seed=study.seed).fingerprint
    assert generated().skipped == 4
    Study.load(study.folder).replace(seed=12).save()
    assert generated().made == 4
    assert recorded() == load_network(RANDOM, device="cpu", seed=12).fingerprint
