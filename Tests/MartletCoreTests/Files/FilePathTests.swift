import MartletCore
import Testing

@Suite struct FilePathTests {
  @Test func `paths are equal if they have the same bytes, whatever their equality as strings`() {
    let composed: FilePath = "in/\u{E9}"
    let decomposed: FilePath = "in/e\u{301}"
    #expect(composed.text == decomposed.text, "otherwise nothing is tested")
    #expect(composed != decomposed)
    #expect(composed == FilePath("in/\u{E9}"))
    #expect(Set([composed, decomposed, FilePath("in/" + "e\u{301}")]).count == 2)
    #expect([composed: 1, decomposed: 2][decomposed] == 2)
    #expect(FilePath("") == FilePath("") && FilePath("") != FilePath("a"))
  }

  @Test func `paths are in the order of their bytes`() {
    let paths: [FilePath] = ["", "A", "a", "a/b", "aa", "e\u{301}", "z", "\u{E9}", "\u{FFFD}", "\u{1F600}"]
    #expect(paths.reversed().sorted() == paths)
    #expect(!(paths[3] < paths[3]))
  }

  @Test(
    arguments: [
      ("in/a", "in", "a"), ("/a", "/", "a"), ("in/a/b", "in/a", "b"), ("in/a/b", "in", "a/b"), ("./a", ".", "a"),
      ("in", "in", nil), ("in/", "in", nil), ("inner/a", "in", nil), ("/", "/", nil), ("out/a", "in", nil),
      // A mark that combines with the slash, and another form of the same text.
      ("in/\u{301}a", "in", "\u{301}a"), ("\u{E9}/a", "e\u{301}", nil), ("\u{E9}/a", "\u{E9}", "a"),
    ] as [(FilePath, FilePath, FilePath?)])
  func `a path below a folder has a relative path`(_ path: FilePath, _ folder: FilePath, _ below: FilePath?) {
    #expect(path.below(folder) == below)
    #expect(path.isWithin(folder) == (below != nil || path == folder))
  }

  @Test func `a name in a folder, and the folder of a name`() {
    for (name, folder, path) in [("a", "in", "in/a"), ("a", "/", "/a"), ("\u{301}a", "in", "in/\u{301}a")] {
      let joined = FilePath(name, in: FilePath(folder))
      #expect(joined == FilePath(path))
      #expect(joined.parent == FilePath(folder))
    }
    #expect(FilePath("/in").isAbsolute && FilePath("/\u{301}in").isAbsolute && !FilePath("in/a").isAbsolute)
  }
}
