// Kanbus's colour names, as tokens of the theme. The one home of colours that come from a configuration.
// Names that are not known show as grey: a file must not be able to choose an unreadable colour.

const TOKENS: Readonly<Record<string, string>> = {
  black: "ink",
  bright_black: "grey",
  grey: "grey",
  gray: "grey",
  white: "grey",
  bright_white: "ink",
  red: "red",
  bright_red: "vermilion",
  orange: "vermilion",
  yellow: "yellow",
  bright_yellow: "yellow",
  green: "green",
  bright_green: "green",
  cyan: "cyan",
  bright_cyan: "cyan",
  blue: "blue",
  bright_blue: "indigo",
  purple: "indigo",
  magenta: "magenta",
  bright_magenta: "magenta",
  pink: "magenta",
};

export function colorToken(name: string | null | undefined): string {
  const token = name ? TOKENS[name.toLowerCase().replaceAll("-", "_")] : undefined;
  return `var(--hue-${token ?? "grey"})`;
}
