import Martlet

extension Text {
  /// The words of a text, without the punctuation around them.
  func words() -> [Text] {
    split(separator: " ").map { $0.trimmed { !$0.properties.isAlphabetic } }.filter { !$0.isEmpty }
  }
}

/// The happiness of words: from -3, for misery, to 3, for bliss. Made for this example, with no claim to science.
let wordSentiments: [(Text, Int)] = [
  ("afraid", -2), ("alone", -1), ("amazing", 3), ("anger", -2), ("angry", -2), ("bad", -2), ("beautiful", 3),
  ("best", 3), ("better", 2), ("bitter", -2), ("bliss", 3), ("brave", 2), ("bright", 1), ("broken", -2),
  ("calm", 1), ("care", 1), ("cheerful", 2), ("clean", 1), ("clever", 2), ("cold", -1), ("comfort", 2),
  ("cruel", -3), ("cry", -2), ("danger", -2), ("dark", -1), ("dead", -3), ("dear", 2), ("death", -3),
  ("delight", 3), ("despair", -3), ("dreadful", -3), ("dull", -1), ("easy", 1), ("empty", -1), ("enemy", -2),
  ("enjoy", 2), ("fail", -2), ("failed", -2), ("fair", 1), ("faith", 1), ("fear", -2), ("fine", 1), ("fresh", 1),
  ("friend", 2), ("friends", 2), ("fun", 2), ("gentle", 2), ("gift", 2), ("glad", 2), ("gloom", -2), ("good", 2),
  ("grateful", 2), ("great", 2), ("grief", -3), ("happy", 3), ("hard", -1), ("harm", -2), ("hate", -3),
  ("help", 1), ("honest", 2), ("hope", 2), ("horrible", -3), ("hunger", -2), ("hurt", -2), ("ill", -2), ("joy", 3),
  ("kind", 2), ("lame", -1), ("laugh", 2), ("laughed", 2), ("lonely", -2), ("loss", -2), ("lost", -2), ("love", 3),
  ("loved", 3), ("lovely", 3), ("lucky", 2), ("mad", -1), ("miserable", -3), ("murder", -3), ("nasty", -2),
  ("nice", 1), ("pain", -2), ("patient", 1), ("peace", 2), ("perfect", 3), ("play", 1), ("pleasant", 2),
  ("pleased", 2), ("poor", -1), ("praise", 2), ("proud", 2), ("quarrel", -2), ("quiet", 1), ("rest", 1),
  ("rotten", -2), ("ruin", -2), ("sad", -2), ("safe", 2), ("scream", -2), ("shine", 1), ("sick", -2), ("smile", 2),
  ("smiled", 2), ("sorrow", -3), ("sorry", -1), ("storm", -1), ("strong", 1), ("sweet", 2), ("tears", -2),
  ("terrible", -3), ("thank", 2), ("thanked", 2), ("tired", -1), ("trouble", -2), ("true", 1), ("trust", 2),
  ("ugly", -2), ("unhappy", -2), ("useless", -2), ("victory", 2), ("warm", 1), ("weak", -1), ("welcome", 2),
  ("wicked", -3), ("win", 2), ("wise", 2), ("wonder", 2), ("wonderful", 3), ("worry", -2), ("worse", -2),
  ("worst", -3), ("wrong", -2),
]
