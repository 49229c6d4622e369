#if CommandLineTool
  /// The division of the bytes that a terminal sends into keys.
  ///
  /// ```swift
  /// var decoder = KeyDecoder()
  /// decoder.keys(of: [0x1B, 0x5B, 0x41])   // [.up]
  /// ```
  /// An escape byte may be the escape key or the beginning of another one: if nothing follows it in a short time, call
  /// `flush`.
  struct KeyDecoder: Sendable {
    private enum State: Hashable {
      case start
      case escape
      /// After `ESC [`, with its parameters so far.
      case control([UInt8])
      /// After `ESC O`.
      case application
      /// The bytes of a character so far, and the number that are missing.
      case character([UInt8], missing: Int)
      case paste
    }

    private var state = State.start
    private var pasted: [UInt8] = []

    /// A Boolean value that indicates whether a key has begun that is not complete.
    var isWaiting: Bool { state != .start && state != .paste }

    /// The keys that end with these bytes.
    mutating func keys(of bytes: some Sequence<UInt8>) -> [Key] { bytes.flatMap { take($0) } }

    /// The key that has begun, when nothing follows.
    mutating func flush() -> Key? {
      guard isWaiting else { return nil }
      defer { state = .start }
      return state == .escape ? .escape : .unknown
    }

    private mutating func take(_ byte: UInt8) -> [Key] {
      switch state {
      case .start: return start(byte)
      case .escape: return afterEscape(byte)
      case .control(let parameters):
        if (0x20...0x3F).contains(byte), parameters.count < 32 {
          state = .control(parameters + [byte])
          return []
        }
        return end(Self.sequence(parameters, byte))
      case .application: return end(Self.sequence([], byte))
      case .character(let begun, let missing): return inCharacter(begun, missing, byte)
      case .paste: return inPaste(byte)
      }
    }

    private mutating func end(_ key: Key) -> [Key] {
      // The mark of pasted text begins it.
      state = key == .paste("") ? .paste : .start
      return key == .paste("") ? [] : [key]
    }

    private mutating func start(_ byte: UInt8) -> [Key] {
      state = .start
      switch byte {
      case 0x1B:
        state = .escape
        return []
      case 0x0D, 0x0A: return [.enter]
      case 0x09: return [.tab]
      case 0x7F, 0x08: return [.backspace]
      case 0..<0x20: return [.control(Unicode.Scalar(byte + 64))]
      case 0x20..<0x7F: return [.text(Unicode.Scalar(byte))]
      case 0xC2..<0xE0: state = .character([byte], missing: 1)
      case 0xE0..<0xF0: state = .character([byte], missing: 2)
      case 0xF0..<0xF5: state = .character([byte], missing: 3)
      default: return [.text("\u{FFFD}")]
      }
      return []
    }

    private mutating func inCharacter(_ begun: [UInt8], _ missing: Int, _ byte: UInt8) -> [Key] {
      guard byte & 0xC0 == 0x80 else { return [.text("\u{FFFD}")] + start(byte) }
      let bytes = begun + [byte]
      guard missing == 1 else {
        state = .character(bytes, missing: missing - 1)
        return []
      }
      state = .start
      return String(decoding: bytes, as: UTF8.self).unicodeScalars.map { .text($0) }
    }

    private mutating func afterEscape(_ byte: UInt8) -> [Key] {
      switch byte {
      case UInt8(ascii: "["): state = .control([])
      case UInt8(ascii: "O"): state = .application
      case 0x1B: return [.escape]
      case 0x0D, 0x0A: return end(.alt("\r"))
      case 0x7F, 0x08: return end(.alt("\u{7F}"))
      case 0x20..<0x7F: return end(.alt(Unicode.Scalar(byte)))
      default: return [.escape] + start(byte)
      }
      return []
    }

    private mutating func inPaste(_ byte: UInt8) -> [Key] {
      pasted.append(byte)
      let mark = "\u{1B}[201~".utf8
      guard byte == UInt8(ascii: "~"), pasted.suffix(mark.count).elementsEqual(mark) else { return [] }
      let text = String(decoding: pasted.dropLast(mark.count), as: UTF8.self)
      state = .start
      pasted = []
      // Terminals send the line feeds of a text as the key Enter.
      return [.paste(text.replacing("\r\n", with: "\n").replacing("\r", with: "\n"))]
    }

    /// The key of `ESC [ parameters final`, or of `ESC O final`. `.paste("")` is the mark that pasted text follows.
    private static func sequence(_ parameters: [UInt8], _ final: UInt8) -> Key {
      let numbers = String(decoding: parameters, as: UTF8.self).split(
        separator: ";", omittingEmptySubsequences: false
      ).map { Int($0) }
      // A modifier, such as 5 for the control key and 3 for alt.
      let isWord = numbers.count > 1 && [3, 5, 7].contains(numbers[1])
      switch final {
      case UInt8(ascii: "A"): return .up
      case UInt8(ascii: "B"): return .down
      case UInt8(ascii: "C"): return isWord ? .wordRight : .right
      case UInt8(ascii: "D"): return isWord ? .wordLeft : .left
      case UInt8(ascii: "H"): return .home
      case UInt8(ascii: "F"): return .end
      case UInt8(ascii: "M"): return .enter
      case UInt8(ascii: "Z"): return .backTab
      case UInt8(ascii: "~"): break
      default: return .unknown
      }
      switch numbers.first ?? nil {
      case 1, 7: return .home
      case 2: return .insert
      case 3: return .delete
      case 4, 8: return .end
      case 5: return .pageUp
      case 6: return .pageDown
      case 200: return .paste("")
      default: return .unknown
      }
    }
  }
#endif
