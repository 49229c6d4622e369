/// A word, number, string or sign of SQL text.
struct SQLToken: Hashable, Sendable {
  enum Kind: Hashable, Sendable {
    /// A name or a keyword; `keyword` is `nil` if no rule of the grammar mentions it.
    case word(SQLKeyword?)
    /// A name in backticks.
    case quotedName
    /// A string; the token includes its quotes, and the letter `r` of a raw string.
    case string
    /// Digits, perhaps with a point, an exponent, and the letters of a type.
    case number
    case sign(SQLSign)
    /// `/*+`
    case hintStart
    /// `*/`
    case hintEnd
    /// A character that has no meaning in Spark SQL.
    case unrecognized
    case end
  }

  let kind: Kind
  /// The position of the first byte, and the one after the last.
  let start: Int32
  let end: Int32

  var range: Range<Int> { Int(start)..<Int(end) }

  var keyword: SQLKeyword? { if case .word(let keyword) = kind { keyword } else { nil } }
}

/// The signs of SQL text. Two signs `>` stand for the operator `>>`, since they also end nested types.
enum SQLSign: String, Hashable, Sendable {
  case leftParenthesis = "(", rightParenthesis = ")", leftBracket = "[", rightBracket = "]"
  case comma = ",", period = ".", semicolon = ";", colon = ":", doubleColon = "::", question = "?"
  case equal = "=", nullSafeEqual = "<=>", notEqual = "!=", less = "<", lessOrEqual = "<=", greater = ">"
  case greaterOrEqual = ">=", angles = "<>"
  case plus = "+", minus = "-", star = "*", slash = "/", percent = "%", tilde = "~", ampersand = "&", bar = "|"
  case concatenation = "||", hat = "^", exclamation = "!", shiftLeft = "<<", arrow = "->", fatArrow = "=>", pipe = "|>"
}
