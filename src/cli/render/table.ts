/**
 * Columns of text that fit a width. Cells are plain ASCII but for the ellipsis; colour is applied after padding,
 * so that widths need no parser of escape sequences. It must not know what the columns mean.
 */

export interface Column {
  readonly title: string;
  readonly cells: readonly string[];
  readonly align: 'left' | 'right';
  /** Applied to the padded cell. */
  readonly paint?: (text: string, row: number) => string;
}

const GAP = '  ';

/** Width of all columns side by side. */
export function tableWidth(columns: readonly Column[]): number {
  return columns.reduce(
    (sum, column) => sum + columnWidth(column),
    GAP.length * Math.max(0, columns.length - 1),
  );
}

/** Width of the widest cell or the title. */
export function columnWidth(column: Column): number {
  return column.cells.reduce((widest, cell) => Math.max(widest, cell.length), column.title.length);
}

/** The lines of a table, title line first, without blanks at the ends. */
export function tableLines(columns: readonly Column[], paintTitle: (text: string) => string): string[] {
  const widths = columns.map(columnWidth);
  const rows = columns[0]?.cells.length ?? 0;
  const titles = columns.map((column, index) => padded(column.title, widths[index] ?? 0, column.align));
  const lines = [paintTitle(titles.join(GAP).trimEnd())];
  for (let row = 0; row < rows; row += 1) {
    const last = columns.length - 1;
    const cells = columns.map((column, index) => {
      const text = column.cells[row] ?? '';
      const isTrailing = index === last && column.align === 'left';
      const cell = isTrailing ? text : padded(text, widths[index] ?? 0, column.align);
      return column.paint?.(cell, row) ?? cell;
    });
    lines.push(cells.join(GAP).trimEnd());
  }
  return lines;
}

/** The text, cut to the width with an ellipsis. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

function padded(text: string, width: number, align: Column['align']): string {
  return align === 'left' ? text.padEnd(width) : text.padStart(width);
}
