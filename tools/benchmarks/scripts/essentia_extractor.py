"""Essentia: the MusicExtractor of a file, as it comes."""

import sys

import essentia
import essentia.standard

essentia.log.infoActive = False
features, _ = essentia.standard.MusicExtractor()(sys.argv[1])
print(len(features.descriptorNames()))
