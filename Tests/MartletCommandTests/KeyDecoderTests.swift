#if CommandLineTool
  import Testing

  @testable import MartletCommand

  @Suite("The keys of a terminal") struct KeyDecoderTests {
    static let sequences: [(String, [Key])] = [
      ("a;", [.text("a"), .text(";")]), ("é日😀", [.text("é"), .text("日"), .text("😀")]),
      ("\r", [.enter]), ("\n", [.enter]), ("\t", [.tab]), ("\u{7F}\u{8}", [.backspace, .backspace]),
      ("\u{1}\u{3}\u{12}\u{1A}", [.control("A"), .control("C"), .control("R"), .control("Z")]),
      ("\u{1B}[A\u{1B}[B\u{1B}[C\u{1B}[D", [.up, .down, .right, .left]),
      ("\u{1B}OA\u{1B}OH\u{1B}OF\u{1B}OM", [.up, .home, .end, .enter]),
      ("\u{1B}[H\u{1B}[1~\u{1B}[7~\u{1B}[F\u{1B}[4~\u{1B}[8~", [.home, .home, .home, .end, .end, .end]),
      ("\u{1B}[2~\u{1B}[3~\u{1B}[5~\u{1B}[6~\u{1B}[Z", [.insert, .delete, .pageUp, .pageDown, .backTab]),
      ("\u{1B}[1;5C\u{1B}[1;3D", [.wordRight, .wordLeft]),
      ("\u{1B}b\u{1B}\u{7F}\u{1B}\r", [.alt("b"), .alt("\u{7F}"), .alt("\r")]),
      ("\u{1B}[200~a\rb\tc\r\nd\u{1B}[201~;", [.paste("a\nb\tc\nd"), .text(";")]),
      ("\u{1B}[200~\u{1B}[A\u{3}\u{1B}[201~", [.paste("\u{1B}[A\u{3}")]), ("\u{1B}[99;99x", [.unknown]),
      ("\u{1B}\u{1B}[A", [.escape, .up]),
    ]

    @Test("Sequences stand for keys, whatever the pieces in which they arrive", arguments: sequences)
    func keys(_ text: String, _ keys: [Key]) {
      let bytes = Array(text.utf8)
      for length in 1...3 {
        var decoder = KeyDecoder()
        var found: [Key] = []
        for start in stride(from: 0, to: bytes.count, by: length) {
          found += decoder.keys(of: bytes[start..<min(bytes.count, start + length)])
        }
        // The key that an escape byte was before another one.
        #expect(found.filter { $0 != .escape } == keys.filter { $0 != .escape }, "pieces of \(length)")
        #expect(!decoder.isWaiting)
      }
    }

    @Test("An escape byte is a key of its own if nothing follows") func escape() {
      var decoder = KeyDecoder()
      #expect(decoder.keys(of: [0x1B]).isEmpty && decoder.isWaiting)
      #expect(decoder.flush() == .escape)
      #expect(decoder.keys(of: Array("a".utf8)) == [.text("a")])
      #expect(decoder.keys(of: Array("\u{1B}[1;".utf8)).isEmpty && decoder.flush() == .unknown)
      #expect(decoder.flush() == nil)
    }

    @Test("Bytes that are not UTF-8 become a replacement character, and nothing is lost after them") func invalid() {
      var decoder = KeyDecoder()
      #expect(decoder.keys(of: [0xFF, 0x61]) == [.text("\u{FFFD}"), .text("a")])
      #expect(decoder.keys(of: [0xC3, 0x61]) == [.text("\u{FFFD}"), .text("a")])
      #expect(decoder.keys(of: [0xE6, 0x97, 0x0D]) == [.text("\u{FFFD}"), .enter])
    }

    @Test("A long text is pasted as fast as it is read") func longPaste() {
      var decoder = KeyDecoder()
      _ = decoder.keys(of: Array("\u{1B}[200~".utf8))
      let text = String(repeating: "SELECT 1;\n", count: 20_000)
      #expect(decoder.keys(of: Array(text.utf8)).isEmpty)
      #expect(decoder.keys(of: Array("\u{1B}[201~".utf8)) == [.paste(text)])
    }
  }
#endif
