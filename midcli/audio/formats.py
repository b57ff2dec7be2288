"""Formats that libsndfile and FFmpeg read between them: names of files, and FFmpeg's names of containers."""

AUDIO_SUFFIXES = frozenset(
    {
        *(".aac", ".ac3", ".aif", ".aifc", ".aiff", ".amr", ".ape", ".au", ".awb", ".caf", ".dff", ".dsf"),
        *(".dts", ".dtshd", ".eac3", ".ec3", ".flac", ".loas", ".m4a", ".m4b", ".m4r", ".mka", ".mlp"),
        *(".mp+", ".mp1", ".mp2", ".mp3", ".mpa", ".mpc", ".mpp", ".oga", ".ogg", ".oma", ".opus", ".qoa"),
        *(".ra", ".rf64", ".shn", ".snd", ".spx", ".tak", ".thd", ".tta", ".voc", ".vqf", ".w64", ".wav"),
        *(".weba", ".wma", ".wv"),
        *(".3g2", ".3ga", ".3gp", ".asf", ".avi", ".dv", ".f4v", ".flv", ".m2ts", ".m4v", ".mkv", ".mov"),
        *(".mp4", ".mpeg", ".mpg", ".mxf", ".ogv", ".rm", ".rmvb", ".vob", ".webm", ".wmv", ".wtv"),
        # but no .ts and .mts, which are programs in most folders
    }
)

CONTAINERS = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dsf,dts,dtshd,dv,eac3,flac,flv,iff,loas,matroska,mlp,mov,mp3,mpc,"
    "mpc8,mpeg,mpegts,mxf,ogg,oma,qoa,rm,shn,spdif,tak,truehd,tta,voc,vqf,w64,wav,wtv,wv"
)
"""What FFmpeg may take a file for: no playlists, which name other files and addresses."""
