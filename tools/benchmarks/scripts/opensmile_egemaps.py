"""openSMILE: the eGeMAPSv02 functionals of a file."""

import sys

import opensmile

smile = opensmile.Smile(
    feature_set=opensmile.FeatureSet.eGeMAPSv02, feature_level=opensmile.FeatureLevel.Functionals
)
print(smile.process_file(sys.argv[1]).to_string())
