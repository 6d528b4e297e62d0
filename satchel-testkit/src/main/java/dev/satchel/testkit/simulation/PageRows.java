package dev.satchel.testkit.simulation;

import dev.satchel.internal.log.Commit;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a database, read from its pages without SQLite: what a page holds is looked at once for each time it changes.
 * Knows no more of the file format (https://sqlite.org/fileformat2.html, 1.6 and 2.1) than the simulation's tables need.
 */
final class PageRows {
    private static final int FILE_HEADER = 100;
    private static final int INTERIOR = 5;
    private static final int LEAF = 13;
    private static final int FIRST_TEXT = 13;

    private final Map<Integer, byte[]> pages = new HashMap<>();
    private final Map<Integer, BitSet> leaves = new HashMap<>();

    /** Puts the pages of a commit on top. */
    void apply(Commit commit) {
        commit.content().pages().forEach((number, page) -> {
            pages.put(number, page);
            leaves.remove(number);
        });
        pages.keySet().removeIf(number -> number > commit.sizeInPages());
        leaves.keySet().removeIf(number -> number > commit.sizeInPages());
    }

    /** There is nothing any more. */
    void clear() {
        pages.clear();
        leaves.clear();
    }

    /** All rows. */
    BitSet rows() {
        BitSet rows = new BitSet();
        if (pages.containsKey(1)) {
            int root = root(1);
            if (root > 0) {
                collect(root, rows);
            }
        }
        return rows;
    }

    private byte[] page(int number) {
        byte[] page = pages.get(number);
        if (page == null) {
            throw new IllegalStateException("page " + number + " is missing");
        }
        return page;
    }

    /** The root page of the table of rows, as the schema on a page and those below says; 0 if there is none. */
    private int root(int number) {
        ByteBuffer page = ByteBuffer.wrap(page(number));
        int header = number == 1 ? FILE_HEADER : 0;
        int cells = page.getShort(header + 3) & 0xffff;
        if (page.get(header) == INTERIOR) {
            for (int i = 0; i < cells; i++) {
                int root = root(page.getInt(page.getShort(header + 12 + 2 * i) & 0xffff));
                if (root > 0) {
                    return root;
                }
            }
            return root(page.getInt(header + 8));
        }
        for (int i = 0; i < cells; i++) {
            Cell schema = new Cell(page, page.getShort(header + 8 + 2 * i) & 0xffff);
            if ("table".equals(schema.text()) && "row".equals(schema.text())) {
                schema.text(); // the name once more
                return schema.integer();
            }
        }
        return 0;
    }

    private void collect(int number, BitSet rows) {
        BitSet known = leaves.get(number);
        if (known == null) {
            ByteBuffer page = ByteBuffer.wrap(page(number));
            int cells = page.getShort(3) & 0xffff;
            if (page.get(0) == INTERIOR) {
                for (int i = 0; i < cells; i++) {
                    collect(page.getInt(page.getShort(12 + 2 * i) & 0xffff), rows);
                }
                collect(page.getInt(8), rows);
                return;
            }
            if (page.get(0) != LEAF) {
                throw new IllegalStateException("page " + number + " is not one of a table");
            }
            known = new BitSet();
            for (int i = 0; i < cells; i++) {
                String tag = new Cell(page, page.getShort(8 + 2 * i) & 0xffff).text();
                if (tag == null || !Rows.collect(tag, known)) {
                    throw new IllegalStateException("page " + number + " has a row \"" + tag + "\"");
                }
            }
            leaves.put(number, known);
        }
        if (known.intersects(rows)) {
            throw new IllegalStateException("rows are there twice: page " + number);
        }
        rows.or(known);
    }

    /** The values of a cell, one after the other. */
    private static final class Cell {
        private final ByteBuffer page;
        private int type;
        private int value;
        private int next;

        Cell(ByteBuffer page, int cell) {
            this.page = page;
            next = cell;
            varint(); // length
            varint(); // row id
            int header = next;
            int length = (int) varint();
            type = next;
            value = header + length;
        }

        private long varint() {
            long result = 0;
            for (int i = 0; i < 8; i++) {
                byte b = page.get(next++);
                result = result << 7 | (b & 0x7f);
                if (b >= 0) {
                    return result;
                }
            }
            return result << 8 | (page.get(next++) & 0xff);
        }

        private int type() {
            next = type;
            int found = (int) varint();
            type = next;
            return found;
        }

        @Nullable
        String text() {
            int found = type();
            if (found < FIRST_TEXT || found % 2 == 0) {
                return null;
            }
            int length = (found - FIRST_TEXT) / 2;
            byte[] bytes = new byte[length];
            page.get(value, bytes);
            String text = new String(bytes, StandardCharsets.UTF_8);
            value += length;
            return text;
        }

        /** An integer of up to four bytes, or one that is a type of its own. */
        int integer() {
            int found = type();
            if (found == 8 || found == 9) {
                return found - 8;
            }
            int result = 0;
            for (int i = 0; i < found; i++) {
                result = result << 8 | (page.get(value++) & 0xff);
            }
            return result;
        }
    }
}
