#if CommandLineTool
  /// A terminal that understands the sequences that the shell writes, to see what a user would see.
  struct VirtualTerminal {
    let width: Int
    let height: Int
    private var cells: [[Character]]
    private(set) var row = 0
    private(set) var column = 0
    /// True after a character in the last column: the next one goes to the next line.
    private var isPastEnd = false
    private var pending: [Unicode.Scalar] = []
    private(set) var bells = 0
    /// Sequences that this terminal does not know.
    private(set) var unknown: [String] = []

    /// Stands for the second column of a wide character.
    private static let covered: Character = "\0"

    init(width: Int, height: Int) {
      (self.width, self.height) = (width, height)
      cells = Array(repeating: Array(repeating: " ", count: width), count: height)
    }

    /// The lines of the screen, without space at their ends, up to the last one that is not empty.
    var lines: [String] {
      var lines = cells.map { line -> String in
        var text = String(line.filter { $0 != Self.covered })
        while text.last == " " { text.removeLast() }
        return text
      }
      while lines.last == "" { lines.removeLast() }
      return lines
    }

    mutating func write(_ text: String) { for scalar in text.unicodeScalars { take(scalar) } }

    private mutating func take(_ scalar: Unicode.Scalar) {
      if !pending.isEmpty {
        pending.append(scalar)
        let isEnd = pending.count > 2 ? (0x40...0x7E).contains(scalar.value) : scalar != "["
        if isEnd {
          perform(String(String.UnicodeScalarView(pending.dropFirst())))
          pending = []
        }
        return
      }
      switch scalar {
      case "\u{1B}": pending = [scalar]
      case "\r": (column, isPastEnd) = (0, false)
      case "\n":
        isPastEnd = false
        lineFeed()
      case "\u{8}": column = max(0, column - 1)
      case "\u{7}": bells += 1
      default: put(scalar)
      }
    }

    private mutating func lineFeed() {
      row += 1
      if row == height {
        cells.removeFirst()
        cells.append(Array(repeating: " ", count: width))
        row -= 1
      }
    }

    private mutating func put(_ scalar: Unicode.Scalar) {
      let columns =
        scalar.properties.generalCategory == .nonspacingMark ? 0 : scalar.value >= 0x1100 ? Self.columns(scalar) : 1
      if columns == 0 {
        let place = isPastEnd ? column : max(0, column - 1)
        cells[row][place] = Character(String(cells[row][place]) + String(scalar))
        return
      }
      if isPastEnd || column + columns > width {
        lineFeed()
        (column, isPastEnd) = (0, false)
      }
      cells[row][column] = Character(scalar)
      if columns == 2 { cells[row][column + 1] = Self.covered }
      column += columns
      if column >= width { (column, isPastEnd) = (width - 1, true) }
    }

    private static func columns(_ scalar: Unicode.Scalar) -> Int {
      switch scalar.value {
      case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFF00...0xFF60, 0x1F300...0x1FAFF: 2
      default: 1
      }
    }

    private mutating func perform(_ sequence: String) {
      let number = Int(sequence.dropFirst().dropLast()) ?? 1
      isPastEnd = false
      switch (sequence.first, sequence.last) {
      case ("[", "A"): row = max(0, row - number)
      case ("[", "B"): row = min(height - 1, row + number)
      case ("[", "C"): column = min(width - 1, column + number)
      case ("[", "H"): (row, column) = (0, 0)
      case ("[", "K"): for place in column..<width { cells[row][place] = " " }
      case ("[", "J"):
        let first = sequence == "[2J" ? 0 : row
        for line in first..<height {
          for place in (line == row && sequence != "[2J" ? column : 0)..<width { cells[line][place] = " " }
        }
      case ("[", "h"), ("[", "l"): break
      default: unknown.append(sequence)
      }
    }
  }
#endif
