// Dates as the site's own pages write them: "22 Nov 2026, 14:02".

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const two = (number) => String(number).padStart(2, "0");

export function timeOfDay(date) {
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

export function dateAndTime(date) {
  return `${date.getDate()} ${MONTHS[date.getMonth()]} ${date.getFullYear()}, ${timeOfDay(date)}`;
}
