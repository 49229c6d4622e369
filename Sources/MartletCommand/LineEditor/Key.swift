#if CommandLineTool
  /// A key, or a combination of keys, of a terminal.
  enum Key: Hashable, Sendable {
    /// A part of a character, as the terminal sends it: combining marks come on their own.
    case text(Unicode.Scalar)
    /// A letter with the control key, in upper case: `A` for Ctrl-A.
    case control(Unicode.Scalar)
    /// A character after the escape key, or together with the alt key.
    case alt(Unicode.Scalar)
    case up, down, left, right, home, end, insert, delete, backspace, pageUp, pageDown
    case wordLeft, wordRight
    case tab, backTab, enter, escape
    /// Text that was pasted as a whole, in which line feeds and tabs are not keys.
    case paste(String)
    /// A sequence that no other case stands for.
    case unknown
  }
#endif
